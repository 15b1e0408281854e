import { errorOfAnswer } from "../../api/api-error";
import { api } from "../../api/client";
import { newTransitionId } from "../../api/transition-id";
import { ENDED_STATES, type RunSummary } from "../../api/types";
import { possibleActions } from "./possible-actions";

/** What can be asked of one run or of several at once. */
export type RunVerb = "cancel" | "pause" | "resume" | "archive" | "unarchive" | "delete";

interface Verb {
  name: string;
  /** What the button of the question says; "Cancel" there could mean the question itself. */
  confirm?: (count: number) => string;
  /** "3 runs were …" */
  done: string;
  /** What the question before it says about these runs; null where nothing is lost and nobody need be asked. */
  warning: ((runs: readonly RunSummary[]) => string) | null;
  fits: (run: RunSummary) => boolean;
  ask: (run: RunSummary) => Promise<{ error?: unknown; response: Response }>;
}

const withPath = (run: RunSummary) => ({ path: { run_id: run.id } });
const withMatch = (run: RunSummary) => ({ ...withPath(run), header: { "if-match": `"${run.revision}"` } });
// The same id when a lost answer makes the browser ask again: the request then changes nothing.
const once = () => ({ transition_id: newTransitionId() });

export const VERBS: Record<RunVerb, Verb> = {
  cancel: {
    name: "Cancel",
    confirm: (count) => (count === 1 ? "Stop the run" : `Stop ${count} runs`),
    done: "cancelled",
    warning: cancelWarning,
    fits: (run) => possibleActions(run).canCancel,
    ask: (run) => api.POST("/api/v1/runs/{run_id}/cancel", { params: withPath(run), body: once() }),
  },
  pause: {
    name: "Pause",
    done: "asked to pause",
    warning: null,
    fits: (run) => possibleActions(run).canPause,
    ask: (run) => api.POST("/api/v1/runs/{run_id}/pause", { params: withPath(run), body: once() }),
  },
  resume: {
    name: "Resume",
    done: "resumed",
    warning: null,
    fits: (run) => possibleActions(run).canResume,
    ask: (run) => api.POST("/api/v1/runs/{run_id}/resume", { params: withPath(run), body: once() }),
  },
  archive: {
    name: "Archive",
    done: "archived",
    warning: null,
    fits: (run) => !run.is_archived,
    ask: (run) => api.PATCH("/api/v1/runs/{run_id}", { params: withMatch(run), body: { is_archived: true } }),
  },
  unarchive: {
    name: "Unarchive",
    done: "unarchived",
    warning: null,
    fits: (run) => run.is_archived,
    ask: (run) => api.PATCH("/api/v1/runs/{run_id}", { params: withMatch(run), body: { is_archived: false } }),
  },
  delete: {
    name: "Delete",
    done: "deleted",
    warning: () => "Deleted runs disappear from every list. You can undo this in the message that follows.",
    fits: (run) => ENDED_STATES.has(run.state),
    ask: (run) => api.DELETE("/api/v1/runs/{run_id}", { params: withMatch(run) }),
  },
};

/** What a cancel does: to a stage that trains, and to those who label for a round that waits. */
function cancelWarning(runs: readonly RunSummary[]): string {
  const parts = [
    runs.some(({ state }) => state === "waiting")
      ? "A waiting round withdraws its open queries, even from people who are labelling one right now. Answers already given are kept."
      : "",
    runs.some(({ state }) => state !== "waiting") ? "A running stage first saves a checkpoint." : "",
    "You can resume a cancelled run later; withdrawn queries are then asked again.",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/** Ask one run for something; throws ApiError when the service refuses. */
export async function askRun(verb: RunVerb, run: RunSummary): Promise<void> {
  const { error, response } = await VERBS[verb].ask(run);
  if (!response.ok) {
    throw errorOfAnswer(error, response);
  }
}
