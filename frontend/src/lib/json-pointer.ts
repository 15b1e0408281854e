/** Parts of a JSON Pointer (RFC 6901): "/a/b~1c" -> ["a", "b/c"]. */
export function pointerParts(pointer: string): string[] {
  return pointer === ""
    ? []
    : pointer
        .slice(1)
        .split("/")
        .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A pointer one level deeper. */
export function childPointer(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Whether a pointer names `ancestor` or something inside it. */
export function isWithin(pointer: string, ancestor: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`);
}

/** The value at a pointer; undefined where there is none. */
export function valueAt(root: unknown, pointer: string): unknown {
  return pointerParts(pointer).reduce<unknown>((value, part) => (isObject(value) ? value[part] : undefined), root);
}

/** A copy with the value at a pointer replaced, objects made on the way; undefined removes the key. */
export function withValueAt<T extends object>(root: T, pointer: string, value: unknown): T {
  return replaced(root, pointerParts(pointer), value) as T;
}

function replaced(node: unknown, parts: string[], value: unknown): unknown {
  const [part, ...rest] = parts;
  if (part === undefined) {
    return value;
  }
  const entries = isObject(node) && !Array.isArray(node) ? node : {};
  const inner = replaced(entries[part], rest, value);
  const others = Object.entries(entries).filter(([key]) => key !== part);
  return inner === undefined ? Object.fromEntries(others) : { ...entries, [part]: inner };
}

/** Whether a value has keys; arrays count, their keys are the positions. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
