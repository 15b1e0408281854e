import type { FeedEvent, LogEntry, Point } from "../../api/types";
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

/** Take in one event; one that is in already changes nothing. */
export function withEvent(data: LiveData, event: FeedEvent): LiveData {
  if (event.seq <= data.seq) {
    return data;
  }
  const metric = payloadOf(event, "metric");
  const log = payloadOf(event, "log");
  return {
    seq: event.seq,
    points: metric === null ? data.points : withMetric(data.points, metric),
    lines: log === null ? data.lines : withLines(data.lines, log, event.at),
  };
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

/** Points of one curve, each once, by stage and iteration; a newer attempt replaces what an older one measured after it. */
export function mergePoints(stored: readonly Point[], live: readonly Point[]): Point[] {
  const resumedAt = new Map<number, { attempt: number; iteration: number }>();
  for (const point of live) {
    const known = resumedAt.get(point.stage_index);
    if (known === undefined || point.attempt > known.attempt) {
      resumedAt.set(point.stage_index, point);
    }
  }
  const isReplaced = (point: Point) => {
    const newer = resumedAt.get(point.stage_index);
    return newer !== undefined && point.attempt < newer.attempt && point.iteration >= newer.iteration;
  };
  const byPlace = new Map<string, Point>();
  for (const point of [...stored, ...live]) {
    if (!isReplaced(point)) {
      byPlace.set(`${point.stage_index}/${point.iteration}`, point);
    }
  }
  return [...byPlace.values()].sort((a, b) => a.stage_index - b.stage_index || a.iteration - b.iteration);
}
