import type { RunSummary } from "../../api/types";

/** What a run can be asked to do in its state. */
export function possibleActions(state: RunSummary["state"]): { canCancel: boolean; canResume: boolean } {
  const isEnded = state === "succeeded" || state === "failed" || state === "cancelled";
  return { canCancel: !isEnded && state !== "cancelling", canResume: state === "failed" || state === "cancelled" };
}
