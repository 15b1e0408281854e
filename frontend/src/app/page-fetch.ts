/** What browsers, and the loader of styles, say of a part of the pages that did not come. */
const NOT_FETCHED = /dynamically imported module|module script failed|preload CSS/i;
const STORED = "palimpsest.loaded-anew-at";
const PATIENCE_MS = 30_000;

/** Whether an error means that a part of the pages did not come, as while the service is down. */
export function isFetchFailure(error: unknown): error is Error {
  return error instanceof Error && NOT_FETCHED.test(error.message);
}

/** Whether the page may load itself anew now: one that fails again at once must not do so for ever. */
export function mayLoadAnew(now: number): boolean {
  try {
    const before = Number(sessionStorage.getItem(STORED) ?? -Infinity);
    sessionStorage.setItem(STORED, String(now));
    return now - before > PATIENCE_MS;
  } catch {
    // Without storage nobody can tell how often it was tried.
    return false;
  }
}
