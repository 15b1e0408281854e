import type { FeedConnection } from "./feed-connection";
import { type Release, takeSlot } from "./stream-slots";

/** How often a hidden page asks: its title shows how the run stands. */
const HIDDEN_MS = 30_000;
/** How soon a page without a slot tries to get one again. */
const RETRY_MS = 15_000;

/** Gives a page its stream while it is in view and one of the slots is free; else the page asks. */
export class StreamTurn {
  private slot: Release | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private turn = 0;

  constructor(
    private readonly connection: Pick<FeedConnection, "ask" | "reopen">,
    private readonly take: () => Promise<Release | null> = takeSlot,
  ) {
    document.addEventListener("visibilitychange", this.settle);
  }

  /** Connect in the way that is right now; again whenever the page is shown or hidden, or the machine has slept. */
  readonly settle = (): void => {
    clearTimeout(this.timer);
    this.turn += 1;
    if (document.hidden) {
      this.giveBack();
      this.connection.ask(HIDDEN_MS);
    } else if (this.slot !== null) {
      this.connection.reopen();
    } else {
      void this.begin(this.turn);
    }
  };

  end(): void {
    this.turn += 1;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.settle);
    this.giveBack();
  }

  private async begin(turn: number): Promise<void> {
    const slot = await this.take();
    if (turn !== this.turn) {
      // The page was hidden or left meanwhile.
      slot?.();
      return;
    }
    this.slot = slot;
    if (slot === null) {
      this.connection.ask();
      this.timer = setTimeout(this.settle, RETRY_MS);
    } else {
      this.connection.reopen();
    }
  }

  private giveBack(): void {
    this.slot?.();
    this.slot = null;
  }
}
