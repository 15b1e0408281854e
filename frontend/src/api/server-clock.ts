/** How far the service's clock is ahead of the browser's, in milliseconds. */
let ahead = 0;

/** Take the service's time from the `Date` header of an answer; it counts whole seconds. */
export function noteServerTime(header: string | null): void {
  const moment = header === null ? Number.NaN : Date.parse(header);
  if (!Number.isNaN(moment)) {
    const seen = moment + 500 - Date.now();
    // Within the header's own precision nothing has changed: what counts seconds shall not jump to and fro.
    ahead = Math.abs(seen - ahead) > 1500 ? seen : ahead;
  }
}

/** The present moment by the service's clock, in milliseconds: the clock of this machine may be wrong. */
export function serverNow(): number {
  return Date.now() + ahead;
}
