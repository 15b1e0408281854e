/** How the classes of a dataset are split, by name. */
export interface NamedSplit {
  known: string[];
  unknown: string[];
  /** Classes that are neither; a test ignores their objects. */
  leftOut: string[];
  /** Names that no class of the dataset has. */
  missing: string[];
}

/** Names of a document's list; null where the value is no list of names. */
export function readNames(value: unknown): string[] | null {
  const isNames = (list: unknown): list is string[] => Array.isArray(list) && list.every((name) => typeof name === "string");
  return value === undefined ? [] : isNames(value) ? value : null;
}

/** The split of a dataset's classes as the service makes it: without a name for the unknown ones, all others are unknown. */
export function splitOf(classes: readonly string[], known: readonly string[], unknown: readonly string[]): NamedSplit {
  const [isKnown, isNamed, isThere] = [known, unknown, classes].map(matcher) as [Matcher, Matcher, Matcher];
  const isUnknown = (name: string) => !isKnown(name) && (unknown.length === 0 || isNamed(name));
  return {
    known: classes.filter(isKnown),
    unknown: classes.filter(isUnknown),
    leftOut: classes.filter((name) => !isKnown(name) && !isUnknown(name)),
    missing: [...known, ...unknown].filter((name) => !isThere(name)),
  };
}

/** Names that a list offers: its own, as they are written, and those classes that neither list has. */
export function offeredNames(classes: readonly string[], own: readonly string[], other: readonly string[]): string[] {
  const isTaken = matcher([...own, ...other]);
  return [...own, ...classes.filter((name) => !isTaken(name))];
}

type Matcher = (name: string) => boolean;

function matcher(names: readonly string[]): Matcher {
  const all = new Set(names.map(folded));
  return (name) => all.has(folded(name));
}

/** A class name as the service compares it: lower case, `_` and `-` as spaces. */
function folded(name: string): string {
  return name.toLowerCase().split(/[\s_-]+/).filter(Boolean).join(" ");
}
