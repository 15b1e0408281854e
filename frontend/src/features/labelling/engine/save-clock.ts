/** A save comes so long after the last stroke. */
export const QUIET_MS = 2_000;
/** And never later than this after the first unsaved one, while somebody goes on drawing. */
export const LONGEST_MS = 15_000;

/** Moments of the work, in milliseconds of any clock; null = not so. */
export interface Work {
  /** The first change that is not saved yet. */
  unsavedSince: number | null;
  lastChange: number | null;
  /** Whether a stroke is being drawn: nothing is saved inside one. */
  isDrawing: boolean;
  isSaving: boolean;
  /** No try before this, after one that failed. */
  notBefore: number | null;
}

/** When to save, at the earliest now; null while there is nothing to save or no time for it. */
export function nextSave(work: Work, now: number): number | null {
  if (work.unsavedSince === null || work.isDrawing || work.isSaving) {
    return null;
  }
  const wanted = Math.min((work.lastChange ?? work.unsavedSince) + QUIET_MS, work.unsavedSince + LONGEST_MS);
  return Math.max(now, wanted, work.notBefore ?? now);
}

/** How long to wait after so many tries that failed in a row: 1 s, 2 s, 4 s, at most 30 s. */
export function retryDelay(failures: number): number {
  return Math.min(30_000, 1_000 * 2 ** Math.max(0, failures - 1));
}
