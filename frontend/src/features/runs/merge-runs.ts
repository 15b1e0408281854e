import type { RunSummary } from "../../api/types";

/** Lay the newest rows over pages that were read before, without rows twice.
 *
 * Args:
 *   pages: rows by creation, newest first, as they were when they were read.
 *   fresh: the first rows of the same list as they are now; undefined before the first answer.
 *   isWhole: whether `fresh` is the whole list.
 *
 * A row of the pages that is as young as the fresh ones, but is not among them, has left the list.
 */
export function mergeRuns(
  pages: readonly RunSummary[],
  fresh: readonly RunSummary[] | undefined,
  isWhole: boolean,
): RunSummary[] {
  if (fresh === undefined) {
    return uniqueRuns(pages);
  }
  const oldest = fresh.at(-1);
  if (isWhole || oldest === undefined) {
    return [...fresh];
  }
  // Ids begin with their time: an older row has a smaller one.
  return uniqueRuns([...fresh, ...pages.filter((run) => run.id < oldest.id)]);
}

function uniqueRuns(runs: readonly RunSummary[]): RunSummary[] {
  return [...new Map(runs.map((run) => [run.id, run])).values()];
}
