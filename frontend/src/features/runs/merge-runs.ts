import type { RunSummary } from "../../api/types";
import type { RunSort } from "./run-filters";

/** What changed in a list since its pages were read. */
export interface RunOverlay {
  changed: ReadonlyMap<string, RunSummary>;
  left: ReadonlySet<string>;
}

/** An order of the list; the service's, so that rows that arrive between two pages find their place. */
export interface RunOrder {
  sort: RunSort;
  isAscending: boolean;
}

const VALUES: Record<RunSort, (run: RunSummary) => string | number | null> = {
  created_at: (run) => run.created_at,
  finished_at: (run) => run.finished_at,
  name: (run) => run.experiment_name,
  method: (run) => run.method,
  dataset: (run) => run.dataset,
  state: (run) => run.state,
  seed: (run) => run.seed,
  score: (run) => run.score,
  best_score: (run) => run.best_score,
};

const SCORES: ReadonlySet<RunSort> = new Set<RunSort>(["score", "best_score"]);

/** Compare two rows: what has no value comes last, and the id breaks ties in the direction of the column.
 *
 * By score, runs that have not succeeded come after those that have: theirs is of an earlier step.
 */
export function compareRuns(one: RunSummary, other: RunSummary, { sort, isAscending }: RunOrder): number {
  const [first, second] = [VALUES[sort](one), VALUES[sort](other)];
  if ((first === null) !== (second === null)) {
    return first === null ? 1 : -1;
  }
  if (SCORES.has(sort) && first !== null && hasSucceeded(one) !== hasSucceeded(other)) {
    return hasSucceeded(one) ? -1 : 1;
  }
  const rising = compare(first ?? 0, second ?? 0) || compare(one.id, other.id);
  return isAscending ? rising : -rising;
}

function hasSucceeded({ state }: RunSummary): boolean {
  return state === "succeeded";
}

function compare(one: string | number, other: string | number): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Lay what changed over pages that were read before.
 *
 * Args:
 *   pages: rows in order, as they were when they were read.
 *   overlay: what changed since.
 *   order: of the list.
 *   isWhole: whether no page is left to read; else a row that belongs behind the last one comes with its own page.
 */
export function mergeRuns(pages: readonly RunSummary[], overlay: RunOverlay, order: RunOrder, isWhole: boolean): RunSummary[] {
  const rows = new Map(pages.map((run) => [run.id, run]));
  if (overlay.changed.size === 0 && overlay.left.size === 0) {
    return [...rows.values()];
  }
  for (const id of overlay.left) {
    rows.delete(id);
  }
  for (const run of overlay.changed.values()) {
    rows.set(run.id, run);
  }
  const last = isWhole ? undefined : pages.at(-1);
  const inReach = [...rows.values()].filter((run) => last === undefined || run.id === last.id || compareRuns(run, last, order) <= 0);
  return inReach.sort((one, other) => compareRuns(one, other, order));
}

/** An overlay after the next answer. */
export function withChanges(before: RunOverlay, items: readonly RunSummary[], left: readonly string[]): RunOverlay {
  // The same objects, so that an answer without changes draws nothing anew.
  if (items.length === 0 && left.length === 0) {
    return { changed: before.changed, left: before.left };
  }
  const changed = new Map(before.changed);
  const gone = new Set(before.left);
  for (const run of items) {
    changed.set(run.id, run);
    gone.delete(run.id);
  }
  for (const id of left) {
    changed.delete(id);
    gone.add(id);
  }
  return { changed, left: gone };
}
