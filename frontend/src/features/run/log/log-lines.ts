import type { LogEntry, LogPage } from "../../../api/types";

export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Lines of a level or a graver one. */
export function linesFrom(level: LogLevel, lines: readonly LogEntry[]): readonly LogEntry[] {
  const graver: readonly string[] = LOG_LEVELS.slice(LOG_LEVELS.indexOf(level));
  return level === "debug" ? lines : lines.filter((line) => graver.includes(line.level));
}

/** Lines that match a search: their numbers, and how many there are beside them that the service did not name. */
export interface Hits {
  numbers: readonly number[];
  earlier: number;
}

/** What the service found, and what matches among the lines that came since. */
export function hitsOf(found: LogPage | undefined, lines: readonly LogEntry[], search: string): Hits {
  const wanted = search.trim().toLowerCase();
  if (wanted === "" || found === undefined) {
    return { numbers: [], earlier: 0 };
  }
  const known = found.items.map((line) => line.number);
  const last = Math.max(found.total, known.at(-1) ?? 0);
  const since = lines.filter((line) => line.number > last && line.text.toLowerCase().includes(wanted));
  return { numbers: [...known, ...since.map((line) => line.number)], earlier: found.matching - known.length };
}

/** The hit after or before a line, round and round; the last one when none was looked at yet. */
export function stepHit(hits: readonly number[], from: number | null, direction: 1 | -1): number | null {
  if (from === null) {
    return hits.at(-1) ?? null;
  }
  return direction === 1
    ? (hits.find((number) => number > from) ?? hits[0] ?? null)
    : (hits.findLast((number) => number < from) ?? hits.at(-1) ?? null);
}

/** A line cut at the places that match, matching and other parts by turns; the first is never a match. */
export function splitAtMatches(text: string, search: string): string[] {
  const wanted = search.trim();
  if (wanted === "") {
    return [text];
  }
  const pattern = new RegExp(`(${wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")})`, "gi");
  return text.split(pattern);
}
