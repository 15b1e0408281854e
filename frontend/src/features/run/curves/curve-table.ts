/** One curve as the service writes it: a head, then a line for each point. */
export interface CurveTable {
  key: string;
  text: string;
}

/** The tables of several curves as one, with the curve's name before each point. */
export function joinedTable(tables: readonly CurveTable[]): string {
  const [head = ""] = linesOf(tables[0]?.text ?? "");
  const points = tables.flatMap(({ key, text }) => linesOf(text).slice(1).map((line) => `${cell(key)},${line}`));
  return [`curve,${head}`, ...points, ""].join("\n");
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** A name as a cell of a table; one that holds a sign of the table stands in quotes. */
function cell(name: string): string {
  return /[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
