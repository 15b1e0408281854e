import { useMutation, useQueryClient } from "@tanstack/react-query";

import { ApiError } from "../../api/api-error";
import { api, unwrap } from "../../api/client";
import { runQuery } from "../../api/queries";
import { newTransitionId } from "../../api/transition-id";
import { tellFailure } from "../../components/tell-failure";

export type RunVerb = "cancel" | "pause" | "resume";

/** Cancels, pauses or resumes a run; what it became is shown at once, a refusal as a message. */
export function useRunAction(runId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (verb: RunVerb) => ask(runId, verb),
    onSuccess: async (run) => {
      client.setQueryData(runQuery(runId).queryKey, run);
      await Promise.all([
        client.invalidateQueries({ queryKey: ["runs", "fresh"] }),
        // What was asked in its rounds is taken back, or asked again.
        client.invalidateQueries({ queryKey: ["run-data", runId, "rounds"] }),
      ]);
    },
    onError: (error, verb) => {
      const request = error instanceof ApiError && error.requestId !== "" ? ` (request ${error.requestId})` : "";
      tellFailure(`The run was not ${verb}${verb === "cancel" ? "led" : "d"}`, `${error.message}${request}`);
    },
  });
}

function ask(runId: string, verb: RunVerb) {
  // The same id when a lost answer makes the browser ask again: the request then changes nothing.
  const options = { params: { path: { run_id: runId } }, body: { transition_id: newTransitionId() } };
  if (verb === "pause") {
    return unwrap(api.POST("/api/v1/runs/{run_id}/pause", options));
  }
  return unwrap(
    verb === "cancel" ? api.POST("/api/v1/runs/{run_id}/cancel", options) : api.POST("/api/v1/runs/{run_id}/resume", options),
  );
}
