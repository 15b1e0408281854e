import type { RunSummary } from "../../api/types";

/** What a run can be asked to do. */
export interface PossibleActions {
  canCancel: boolean;
  canPause: boolean;
  canResume: boolean;
}

/** What a run can be asked to do as it stands; one that is about to pause can be told to go on. */
export function possibleActions({ state, is_pausing }: Pick<RunSummary, "state" | "is_pausing">): PossibleActions {
  const isEnded = state === "succeeded" || state === "failed" || state === "cancelled";
  return {
    canCancel: !isEnded && state !== "cancelling",
    canPause: !is_pausing && (state === "queued" || state === "running" || state === "waiting"),
    canResume: is_pausing || state === "failed" || state === "cancelled" || state === "paused",
  };
}
