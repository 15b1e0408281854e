import { ApiError } from "../../../api/api-error";
import type { FeedEvent, FeedPage, Snapshot } from "../../../api/types";
import { EVENT_TYPES } from "./feed-events";
import type { FeedHandlers, FeedSources } from "./feed-sources";

const FAILURES_BEFORE_POLLING = 3;
const POLL_MS = 5000;
const POLLS_BEFORE_STREAM = 6;
/** The service begins a stream at once; what has not begun by then is held back on the way. */
const OPENING_MS = 5000;
/** Silence after which it is asked whether the stream is dead or held back. */
const SILENCE_MS = 20_000;
const STALLS_BEFORE_POLLING = 2;

/** Follows a run from an event on: by stream, and by asking where streams do not come through (LIVE-2, LIVE-5). */
export class FeedConnection {
  private stream: EventSource | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private failures = 0;
  private stalls = 0;
  private polls = 0;
  private isEnded = false;
  private isAway = false;
  private isClosed = false;
  private mayStream = true;
  private pollMs = POLL_MS;

  constructor(
    private readonly sources: FeedSources,
    private readonly handlers: FeedHandlers,
    /** Number of the last event that the reader has. */
    private cursor: number,
  ) {}

  open(): void {
    const stream = this.sources.openStream(this.cursor);
    this.stream = stream;
    stream.onerror = () => this.afterBreak(stream);
    stream.addEventListener("snapshot", (message) => {
      this.failures = 0;
      this.handlers.onStatus("live");
      this.handlers.onSnapshot(JSON.parse(dataOf(message)) as Snapshot, false);
      this.schedule(() => void this.checkSilence(), SILENCE_MS);
    });
    stream.addEventListener("reset", (message) => this.reset(JSON.parse(dataOf(message)) as Snapshot));
    for (const type of EVENT_TYPES) {
      stream.addEventListener(type, (message) => {
        this.stalls = 0;
        this.take(JSON.parse(dataOf(message)) as FeedEvent);
        this.schedule(() => void this.checkSilence(), SILENCE_MS);
      });
    }
    this.schedule(() => this.startPolling(), OPENING_MS);
  }

  close(): void {
    this.isClosed = true;
    this.dropStream();
    this.schedule(null, 0);
  }

  /** Go on without a stream, by asking so often, until `reopen`. */
  ask(everyMs = POLL_MS): void {
    if (!this.isClosed) {
      this.mayStream = false;
      this.pollMs = everyMs;
      this.startPolling();
    }
  }

  /** Connect anew behind the last event: a connection from before the machine slept may be dead without knowing it. */
  reopen(): void {
    if (!this.isClosed) {
      this.mayStream = true;
      this.pollMs = POLL_MS;
      this.dropStream();
      this.open();
    }
  }

  private take(event: FeedEvent): void {
    // The end that a deleted run is given has the number of its last event.
    if (event.seq > this.cursor || (event.type === "end" && event.seq === this.cursor)) {
      // A resume begins with a new `state` and makes the `end` before it void.
      this.isEnded = event.type === "end" || (this.isEnded && event.type !== "state");
      this.cursor = event.seq;
      this.handlers.onEvent(event);
    }
  }

  private reset(snapshot: Snapshot): void {
    this.cursor = snapshot.seq;
    this.handlers.onSnapshot(snapshot, true);
  }

  private afterBreak(stream: EventSource): void {
    if (this.isEnded) {
      this.close();
      return;
    }
    this.failures += 1;
    if (stream.readyState === stream.CLOSED || this.failures >= FAILURES_BEFORE_POLLING) {
      this.startPolling();
    } else {
      this.handlers.onStatus("connecting");
      this.schedule(() => this.startPolling(), OPENING_MS);
    }
  }

  private async checkSilence(): Promise<void> {
    const before = this.cursor;
    const isAnswered = await this.readOnce();
    if (this.isClosed || this.stream === null) {
      return;
    }
    if (!isAnswered || this.cursor === before) {
      this.schedule(() => void this.checkSilence(), SILENCE_MS);
      return;
    }
    this.stalls += 1;
    if (this.stalls < STALLS_BEFORE_POLLING) {
      this.reopen();
    } else {
      this.stalls = 0;
      this.startPolling();
    }
  }

  private startPolling(): void {
    this.dropStream();
    this.polls = 0;
    void this.poll();
  }

  private async poll(): Promise<void> {
    const isAnswered = await this.readOnce();
    if (this.isClosed || this.stream !== null) {
      return;
    }
    if (this.isEnded) {
      this.close();
      return;
    }
    this.handlers.onStatus(!isAnswered ? "broken" : this.mayStream ? "polling" : "asking");
    // A service that is back most likely streams again; else a stream is tried now and then.
    this.polls = isAnswered && this.isAway ? POLLS_BEFORE_STREAM : this.polls + (isAnswered ? 1 : 0);
    this.isAway = !isAnswered;
    if (this.mayStream && this.polls >= POLLS_BEFORE_STREAM) {
      this.failures = FAILURES_BEFORE_POLLING - 1;
      this.open();
      return;
    }
    this.schedule(() => void this.poll(), this.pollMs);
  }

  private async readOnce(): Promise<boolean> {
    try {
      const page = await this.sources.readPage(this.cursor);
      if (!this.isClosed) {
        this.takePage(page);
      }
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404 && !this.isClosed) {
        this.close();
        this.handlers.onGone();
      }
      return false;
    }
  }

  private takePage(page: FeedPage): void {
    if (page.reset) {
      this.reset(page.reset);
    }
    page.items.forEach((event) => this.take(event));
    this.isEnded = page.is_end;
  }

  private dropStream(): void {
    this.stream?.close();
    this.stream = null;
  }

  private schedule(action: (() => void) | null, afterMs: number): void {
    if (this.timer !== null) {
      clearTimeout(this.timer);
    }
    this.timer = action === null || this.isClosed ? null : setTimeout(action, afterMs);
  }
}

function dataOf(message: Event): string {
  return (message as MessageEvent<string>).data;
}
