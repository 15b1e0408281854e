import type { StepRow } from "../../../api/types";

/** One number a step that says how well a run learns and keeps (MET-7). */
export interface Measure {
  key: "average" | "group_forgetting" | "backward_transfer" | "plasticity" | "miou_harmonic";
  symbol: string;
  name: string;
  meaning: string;
}

export const MEASURES: readonly Measure[] = [
  { key: "average", symbol: "A", name: "average", meaning: "mean mIoU over the class groups of all steps so far" },
  {
    key: "group_forgetting",
    symbol: "F",
    name: "forgetting",
    meaning: "how far the earlier groups are below their best, on average; 0 is nothing forgotten",
  },
  {
    key: "backward_transfer",
    symbol: "B",
    name: "backward transfer",
    meaning: "how earlier groups changed since their own step; below 0 they got worse, above 0 later steps helped them",
  },
  { key: "plasticity", symbol: "P", name: "plasticity", meaning: "mIoU of the newest group right after its step" },
  { key: "miou_harmonic", symbol: "H", name: "harmonic mean", meaning: "of old and new mIoU: high only where both are high" },
];

/** Points that a group is below its value right after its own step; null on and before that step. */
export function groupDrop(steps: readonly StepRow[], step: number, group: number): number | null {
  const [learned, now] = [steps[group]?.group_miou[group] ?? null, steps[step]?.group_miou[group] ?? null];
  return step <= group || learned === null || now === null ? null : learned - now;
}
