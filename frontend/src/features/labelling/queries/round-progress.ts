import type { QueryCounts } from "../../../api/types";
import { allQueries, unanswered } from "./query-words";

/** Share of the queries that the round waits for no more, 0 to 1. */
export function doneShare(counts: QueryCounts): number {
  const total = allQueries(counts) - counts.withdrawn;
  return total === 0 ? 1 : 1 - unanswered(counts) / total;
}

/** "14:32": what is left of a lease. */
export function countdownText(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
