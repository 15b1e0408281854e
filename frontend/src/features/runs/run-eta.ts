import type { RunSummary } from "../../api/types";

/** Seconds until a run ends, as far as its present pace tells; null where that is not known.
 *
 * The stages that are still to come count as long as the present one.
 */
export function runSecondsLeft(run: Pick<RunSummary, "state" | "progress">): number | null {
  const { current, stages, stages_done } = run.progress;
  const left = current?.seconds_left ?? null;
  if (run.state !== "running" || current === null || left === null) {
    return null;
  }
  const done = (current.iteration ?? 0) / (current.total_iterations ?? Infinity);
  const later = Math.max(0, stages - stages_done - 1);
  // Before one percent the pace says nothing yet (LIVE-9), and behind the last iteration it says nothing more.
  if (later > 0 && (done < 0.01 || done >= 1)) {
    return null;
  }
  return later === 0 ? left : left + (left / (1 - done)) * later;
}

/** What a run can be asked to do in its state. */
export function possibleActions(state: RunSummary["state"]): { canCancel: boolean; canResume: boolean } {
  const isEnded = state === "succeeded" || state === "failed" || state === "cancelled";
  return { canCancel: !isEnded && state !== "cancelling", canResume: state === "failed" || state === "cancelled" };
}
