import type { FeedEvent, RunDetail } from "../../../api/types";
import { payloadOf, type PayloadOf } from "./feed-events";

/** A run after an event, as far as the event tells; the rest is asked for. */
export function patchedRun(run: RunDetail, event: FeedEvent): RunDetail {
  if (event.seq <= run.event_seq) {
    return run;
  }
  const state = payloadOf(event, "state");
  const progress = payloadOf(event, "progress");
  const stage = payloadOf(event, "stage");
  const patched = { ...run, event_seq: event.seq };
  if (state !== null) {
    return { ...patched, ...state };
  }
  if (stage !== null) {
    const { state: to, reason, message } = stage;
    const stages = run.stages.map((known) => (known.id === stage.stage_id ? { ...known, state: to, reason, message } : known));
    return { ...patched, stages };
  }
  return progress === null ? patched : withProgress(patched, progress);
}

function withProgress(run: RunDetail, report: PayloadOf<"progress">): RunDetail {
  const { phase, iteration, total, images_per_second, seconds_left } = report;
  const known = run.stages.find((stage) => stage.id === report.stage_id);
  if (known === undefined) {
    return run;
  }
  const measured = { phase, iteration, total_iterations: total, images_per_second, seconds_left };
  const fraction = total > 0 ? iteration / total : 0;
  const attempts = known.attempts.map((attempt, place) =>
    place === known.attempts.length - 1 ? { ...attempt, ...measured } : attempt,
  );
  const current = { id: known.id, index: known.index, name: known.name, state: known.state, ...measured };
  const share = (run.progress.stages_done + fraction) / Math.max(1, run.progress.stages);
  return {
    ...run,
    seconds_left: movedBy(run.seconds_left, run.progress.current, report),
    stages: run.stages.map((stage) => (stage.id === known.id ? { ...known, fraction, attempts } : stage)),
    progress: { ...run.progress, current, fraction: Math.min(1, share) },
  };
}

/** What is left of the run, moved by what the stage gained or lost since; the stages to come stay as the service sees them. */
function movedBy(left: number | null, before: RunDetail["progress"]["current"], now: PayloadOf<"progress">): number | null {
  const was = before?.id === now.stage_id ? before.seconds_left : null;
  return left === null || was === null || now.seconds_left === null ? left : Math.max(0, left + now.seconds_left - was);
}
