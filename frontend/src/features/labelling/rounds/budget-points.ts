import type { Round, RoundCost } from "../../../api/types";
import { formatDuration, formatNumber, NOTHING } from "../../../lib/format";

export type CostKey = keyof RoundCost;

/** What labels cost, in its four units. */
export const COSTS: readonly { key: CostKey; axis: string }[] = [
  { key: "images", axis: "images with a label" },
  { key: "pixels", axis: "labelled pixels" },
  { key: "clicks", axis: "clicks" },
  { key: "seconds", axis: "seconds of active time" },
];

/** Trainings that are tested, over what they saw labelled; scores in percent. */
export interface BudgetPoints {
  x: number[];
  teacher: (number | null)[];
  student: (number | null)[];
}

/** The points of the chart in the order of their cost. */
export function budgetPoints(rounds: readonly Round[], cost: CostKey): BudgetPoints {
  const tested = rounds.filter((round) => round.score !== null || round.score_student !== null);
  const ordered = [...tested].sort((a, b) => a.labelled[cost] - b.labelled[cost] || a.index - b.index);
  const percent = (value: number | null) => (value === null ? null : value * 100);
  return {
    x: ordered.map((round) => round.labelled[cost]),
    teacher: ordered.map((round) => percent(round.score)),
    student: ordered.map((round) => percent(round.score_student)),
  };
}

/** What one training gained over the one before, in the headline score; null where one of them is not tested. */
export function gainOf(rounds: readonly Round[], index: number): number | null {
  return rounds.find((round) => round.index === index - 1)?.batch?.gain ?? null;
}

/** A gain in percentage points with its sign: 0.0123 -> "+1.2". */
export function gainText(gain: number | null | undefined): string {
  if (gain === null || gain === undefined) {
    return NOTHING;
  }
  const shown = (gain * 100).toFixed(1);
  return gain > 0 && shown !== "0.0" ? `+${shown}` : shown.replace("-0.0", "0.0");
}

/** A cost as text. */
export function costText(cost: RoundCost, key: CostKey): string {
  return key === "seconds" ? formatDuration(cost.seconds) : formatNumber(cost[key]);
}

/** The round that is shown before one is chosen: that which waits for labels, else the last with queries. */
export function defaultRound(rounds: readonly Round[]): number {
  const withQueries = rounds.filter((round) => round.batch !== null);
  const waiting = withQueries.find((round) => round.batch?.state === "waiting_annotation");
  return (waiting ?? withQueries.at(-1) ?? rounds.at(0))?.index ?? 0;
}
