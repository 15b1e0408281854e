import type { MatrixRow } from "../../../api/types";

/** One number a step that says how well a run learns and keeps (MET-7). */
export interface Measure {
  key: "average" | "forgetting" | "backward_transfer" | "plasticity";
  symbol: string;
  name: string;
  meaning: string;
}

/** The measures of what a run keeps of groups of classes, or of domains. */
export function measuresOf(parts: string): readonly Measure[] {
  return [
    { key: "average", symbol: "A", name: "mean so far", meaning: `mean over the ${parts} learned so far` },
    {
      key: "forgetting",
      symbol: "F",
      name: "forgetting",
      meaning: `how far the earlier ${parts} fell behind their best, on average; 0 is nothing forgotten`,
    },
    {
      key: "backward_transfer",
      symbol: "B",
      name: "backward transfer",
      meaning: `how earlier ${parts} changed since they were learned; below 0 they got worse, above 0 what came later helped them`,
    },
    { key: "plasticity", symbol: "P", name: "plasticity", meaning: `the newest of the ${parts} right after it was learned` },
  ];
}

/** What a cell of R shows: its value, or why it has none. */
export type CellState = "value" | "undefined" | "early" | "untested";

/** Why a cell of R has a number, or none. */
export function cellState(row: MatrixRow, place: number, learned: number | null): CellState {
  if ((row.values[place] ?? null) !== null) {
    return "value";
  }
  if (row.is_undefined[place] === true) {
    return "undefined";
  }
  return learned !== null && row.step < learned ? "early" : "untested";
}
