/** A path with its query; lists are joined by commas, and what is empty, null or undefined is left out. */
export function withQuery(path: string, values: Readonly<Record<string, QueryValue>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    const text = Array.isArray(value) ? value.join(",") : String(value ?? "");
    if (text !== "") {
      params.set(name, text);
    }
  }
  const query = params.toString();
  return query === "" ? path : `${path}?${query}`;
}

type QueryValue = string | number | boolean | readonly string[] | null | undefined;
