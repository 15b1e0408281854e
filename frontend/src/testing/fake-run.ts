import { act } from "@testing-library/react";
import { vi } from "vitest";

import type { FeedEvent, LogPage, RunDetail } from "../api/types";
import { exampleStepTable } from "./example-scores";
import { exampleEvent } from "./examples";
import { FakeServer } from "./fake-server";

/** Every stream that was opened since `watchStreams`, the latest last. */
export const streams: FakeStream[] = [];

/** A stream that a test speaks through. */
class FakeStream extends EventTarget {
  readyState = 1;
  constructor(readonly url: string) {
    super();
    streams.push(this);
  }
  readonly CLOSED = 2;
  onerror: (() => void) | null = null;
  refuse(): void {
    this.readyState = 2;
    this.onerror?.();
  }
  close(): void {
    this.readyState = 2;
  }
}

/** What the run has printed. */
export const LINES = [{ number: 1, level: "info", text: "step 0 begins", at: "" }];

/** The log, as far as it holds the words that are searched. */
export function logAnswer(url: URL): LogPage {
  const wanted = (url.searchParams.get("contains") ?? "").toLowerCase();
  const items = LINES.filter((line) => line.text.includes(wanted));
  return { stage_id: "stage-0", attempt: 1, items, next_after: 1, total: 1, matching: items.length };
}

const CURRENT = {
  id: "stage-0",
  index: 0,
  name: "train",
  state: "running",
  phase: "train",
  iteration: 100,
  total_iterations: 400,
  images_per_second: 50,
  seconds_left: 60,
} as const;
/** A run in its first stage, of which a minute is left. */
export const AT_START = { stages: 2, stages_done: 0, fraction: 0.125, iterations: 100, total_iterations: 800, current: CURRENT };

/** A service with one run, its table, one curve and a log. */
export function serveRun(run: RunDetail): FakeServer {
  const noKeys = { items: [{ key: "loss", direction: "min", count: 1, last: null, best: null }], next_cursor: null };
  return new FakeServer()
    .get("/api/v1/runs/{run_id}", () => run)
    .get("/api/v1/runs/{run_id}/step-table", () => exampleStepTable())
    .get("/api/v1/runs/{run_id}/predictions", () => ({ items: [], classes: [], next_cursor: null, domain: null, domains: [] }))
    .get("/api/v1/runs/{run_id}/series", () => noKeys as never)
    .get("/api/v1/runs/{run_id}/series/{key}", () => ({
      key: "loss",
      count: 1,
      downsampled: false,
      points: [{ stage_index: 0, iteration: 10, value: 1, attempt: 1, is_hidden: false }],
    }))
    .get("/api/v1/runs/{run_id}/series-groups", () => ({ items: [{ prefix: "loss", count: 1 }], groups: 1, keys: 1 }))
    .get("/api/v1/stages/{stage_id}/log", ({ url }) => logAnswer(url));
}

/** Put streams of the test's own in the place of the browser's. */
export function watchStreams(): void {
  streams.length = 0;
  vi.stubGlobal("EventSource", FakeStream);
}

/** Let an event come by the latest stream. */
export function say(type: FeedEvent["type"], seq: number, payload: Record<string, unknown>): void {
  act(() => {
    streams.at(-1)?.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(exampleEvent(seq, type, payload)) }));
  });
}
