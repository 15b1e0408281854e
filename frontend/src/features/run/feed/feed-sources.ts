import type { FeedEvent, FeedPage, Snapshot } from "../../../api/types";

/**
 * How events come: `live` as a stream, `polling` by asking because no stream comes through, `asking` because it is not this page's turn to
 * have one, `broken` while the service does not answer.
 */
export type FeedStatus = "connecting" | "live" | "polling" | "asking" | "broken";

/** What a reader of the feed is told; every event comes once and in order. */
export interface FeedHandlers {
  onEvent: (event: FeedEvent) => void;
  /** The run as it stands; `isReset` where events between were lost for good. */
  onSnapshot: (snapshot: Snapshot, isReset: boolean) => void;
  onStatus: (status: FeedStatus) => void;
  /** The run is not there any more. */
  onGone: () => void;
}

/** Where events come from; a test puts its own in place. */
export interface FeedSources {
  openStream: (after: number) => EventSource;
  readPage: (after: number) => Promise<FeedPage>;
}
