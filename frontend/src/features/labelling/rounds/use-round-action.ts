import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import { runQuery } from "../../../api/queries";
import { roundsQuery } from "../../../api/round-queries";

export type RoundVerb = "close" | "reopen" | "oracle" | "extend";

/** What is to be done with a round, and by whom. */
export interface RoundRequest {
  verb: RoundVerb;
  author: string;
  /** Close it even without a single answer. */
  allowEmpty?: boolean;
  /** Extend it by so many hours from now; null takes the deadline away. */
  deadlineHours?: number | null;
}

const DONE: Record<RoundVerb, string> = {
  close: "The round is closed; its answers are frozen.",
  reopen: "The round is open again.",
  oracle: "The oracle answers the rest.",
  extend: "The deadline of the round is changed.",
};

/** Closes a round, opens it again, moves its deadline, or hands it to the oracle; a refusal stays with the caller. */
export function useRoundAction(runId: string, stageId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ verb, author, allowEmpty = false, deadlineHours = null }: RoundRequest) => {
      const params = { path: { stage_id: stageId } };
      if (verb === "close") {
        return unwrap(api.POST("/api/v1/stages/{stage_id}/close", { params, body: { author, allow_empty: allowEmpty } }));
      }
      if (verb === "extend") {
        return unwrap(api.POST("/api/v1/stages/{stage_id}/extend", { params, body: { author, deadline_hours: deadlineHours } }));
      }
      return verb === "reopen"
        ? unwrap(api.POST("/api/v1/stages/{stage_id}/reopen", { params, body: { author } }))
        : unwrap(api.POST("/api/v1/stages/{stage_id}/oracle", { params, body: { author } }));
    },
    onSuccess: (_, { verb }) => {
      notifications.show({ color: "teal", message: DONE[verb] });
      void client.invalidateQueries({ queryKey: roundsQuery(runId).queryKey });
      void client.invalidateQueries({ queryKey: runQuery(runId).queryKey });
    },
  });
}
