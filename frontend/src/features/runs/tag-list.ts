/** Tags with one value a key: of two, the one that was added last. */
export function withoutOldValues(tags: readonly string[]): string[] {
  const byKey = new Map(tags.map((tag) => [tag.split("=", 1)[0]?.trim(), tag.trim()]));
  return [...byKey.values()].filter((tag) => tag !== "");
}
