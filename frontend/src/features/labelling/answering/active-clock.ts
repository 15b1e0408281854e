/** Without a sign of life for so long, nobody is counted as working. */
const IDLE_MS = 60_000;

/** Counts the time in which somebody works: the page is seen, and a key or the mouse was used of late. */
export class ActiveClock {
  private spentMs = 0;
  private lastTick: number;
  private lastSign: number;

  constructor(now: number) {
    this.lastTick = now;
    this.lastSign = now;
  }

  /** A key was pressed, or the mouse was moved. */
  sign(now: number): void {
    this.lastSign = now;
  }

  /** Count what has passed since the last tick, up to the end of the idle time. */
  tick(now: number, isVisible: boolean): void {
    if (isVisible) {
      this.spentMs += Math.max(0, Math.min(now, this.lastSign + IDLE_MS) - this.lastTick);
    }
    this.lastTick = now;
  }

  /** Active time so far, in whole seconds. */
  get seconds(): number {
    return Math.round(this.spentMs / 1000);
  }
}
