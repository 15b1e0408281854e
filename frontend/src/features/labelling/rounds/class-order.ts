import type { ClassShare } from "../../../api/types";

/** Classes by how much larger their share of the queried pixels is than of the pool; the most over-represented first. */
export function byExcess(classes: readonly ClassShare[]): ClassShare[] {
  return [...classes].sort((a, b) => b.queried - b.pool - (a.queried - a.pool) || a.id - b.id);
}

/** How many times the share of the pool was queried: "2.0 ×"; empty where the pool has none of it. */
export function excessText({ pool, queried }: ClassShare): string {
  return pool === 0 ? (queried > 0 ? "only here" : "") : `${(queried / pool).toFixed(2)} ×`;
}

/** The largest of all shares: the length of a whole bar. */
export function largestShare(classes: readonly ClassShare[]): number {
  return Math.max(0, ...classes.flatMap(({ pool, queried, answered }) => [pool, queried, answered ?? 0]));
}
