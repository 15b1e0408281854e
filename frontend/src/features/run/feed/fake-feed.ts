import type { FeedPage } from "../../../api/types";
import { exampleEvent } from "../../../testing/examples";
import { FeedConnection } from "./feed-connection";

/** A stream that the test speaks through. */
class FakeStream extends EventTarget {
  readonly CLOSED = 2;
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  say(type: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }

  breakOff(isForGood: boolean): void {
    this.readyState = isForGood ? this.CLOSED : 0;
    this.onerror?.();
  }

  close(): void {
    this.readyState = this.CLOSED;
  }
}

/** A connection whose streams and pages are the test's own, with what its reader was told. */
export function follow(readPage: (after: number) => Promise<FeedPage>, after = 10) {
  const streams: { stream: FakeStream; after: number }[] = [];
  const seen: number[] = [];
  const told: string[] = [];
  const openStream = (from: number) => {
    const stream = new FakeStream();
    streams.push({ stream, after: from });
    return stream as unknown as EventSource;
  };
  const handlers = {
    onEvent: (event: { seq: number }) => seen.push(event.seq),
    onSnapshot: (_: unknown, isReset: boolean) => told.push(isReset ? "reset" : "snapshot"),
    onStatus: (status: string) => told.push(status),
    onGone: () => told.push("gone"),
  };
  const connection = new FeedConnection({ openStream, readPage }, handlers, after);
  connection.open();
  const stream = () => streams.at(-1)?.stream ?? new FakeStream();
  return { streams, stream, seen, told, connection };
}

/** A page of events of these numbers. */
export const page = (seqs: number[], isEnd = false): FeedPage => ({
  items: seqs.map((seq) => exampleEvent(seq, "metric")),
  next_after: seqs.at(-1) ?? 0,
  reset: null,
  is_end: isEnd,
});
