import type { FeedEvent, LogEntry, Point } from "../../../api/types";
import { payloadOf, type PayloadOf } from "./feed-events";

/** What came by the feed since the page was opened; it lies over what was asked for. */
export interface LiveData {
  /** Number of the last event that is in. */
  seq: number;
  points: Readonly<Record<string, readonly Point[]>>;
  lines: Readonly<Record<string, readonly LogEntry[]>>;
}

export const NO_LIVE_DATA: LiveData = { seq: 0, points: {}, lines: {} };

/** Key of an attempt's lines. */
export function logKey(stageId: string, attempt: number): string {
  return `${stageId}/${attempt}`;
}

/** An event that came in, or a new start where events between were lost. */
export type Change = FeedEvent | { startAt: number };

/** Take in one change; an event that is in already changes nothing. */
export function changed(data: LiveData, change: Change): LiveData {
  if ("startAt" in change) {
    return { ...NO_LIVE_DATA, seq: change.startAt };
  }
  if (change.seq <= data.seq) {
    return data;
  }
  const metric = payloadOf(change, "metric");
  const log = payloadOf(change, "log");
  return {
    seq: change.seq,
    points: metric === null ? data.points : withMetric(data.points, metric),
    lines: log === null ? data.lines : withLines(data.lines, log, change.at),
  };
}

/** The event without the points of curves that nobody has asked for: a run may have thousands of them. */
export function onlyCurves(event: FeedEvent, isAskedFor: (key: string) => boolean): FeedEvent {
  if (event.type !== "metric") {
    return event;
  }
  const points = event.payload.points.filter((point) => isAskedFor(point.key));
  return { ...event, payload: { ...event.payload, points } };
}

function withMetric(points: LiveData["points"], metric: PayloadOf<"metric">): LiveData["points"] {
  const next: Record<string, readonly Point[]> = { ...points };
  for (const { key, iteration, value } of metric.points) {
    const point: Point = { stage_index: metric.index, attempt: metric.attempt, iteration, value, is_hidden: false };
    next[key] = [...(next[key] ?? []), point];
  }
  return next;
}

function withLines(lines: LiveData["lines"], log: PayloadOf<"log">, at: string): LiveData["lines"] {
  const key = logKey(log.stage_id, log.attempt);
  return {
    ...lines,
    [key]: mergeLines(
      lines[key] ?? [],
      log.lines.map((line) => ({ ...line, at })),
    ),
  };
}

/** Lines of one attempt, each once, by number. */
export function mergeLines(stored: readonly LogEntry[], live: readonly LogEntry[]): LogEntry[] {
  const last = stored.at(-1)?.number ?? 0;
  return [...stored, ...live.filter((line) => line.number > last)];
}

/** Points of one curve in order, each once; a newer attempt replaces what an older one measured after it. */
export function mergePoints(stored: readonly Point[], live: readonly Point[]): readonly Point[] {
  if (live.length === 0) {
    return stored;
  }
  const resumed = resumedAt(live);
  const isKept = (point: Point) => {
    const newer = resumed.get(point.stage_index);
    return newer === undefined || point.attempt >= newer.attempt || point.iteration < newer.iteration;
  };
  // Nearly in order already, which costs a sort next to nothing; of two at one place the later one is the live one.
  const merged = [...stored, ...live].filter(isKept).sort(byPlace);
  return merged.filter((point, place) => {
    const next = merged[place + 1];
    return next === undefined || byPlace(point, next) !== 0;
  });
}

/** Where the newest attempt at each stage began to measure. */
function resumedAt(live: readonly Point[]): Map<number, Point> {
  const first = new Map<number, Point>();
  for (const point of live) {
    const known = first.get(point.stage_index);
    if (known === undefined || point.attempt > known.attempt) {
      first.set(point.stage_index, point);
    }
  }
  return first;
}

function byPlace(a: Point, b: Point): number {
  return a.stage_index - b.stage_index || a.iteration - b.iteration;
}
