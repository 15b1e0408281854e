import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import type { operations } from "../../../api/generated/schema";

const LOG_TAIL = 2000;

export type LogWindow = NonNullable<operations["list_log_lines"]["parameters"]["query"]>;

/** Lines of an attempt, by default the last ones; null takes the latest attempt. */
export function logQuery(runId: string, stageId: string, attempt: number | null, window: LogWindow) {
  const query = { ...(attempt !== null && { attempt }), ...(window.after === undefined && { tail: LOG_TAIL }), ...window };
  return queryOptions({
    queryKey: ["run-data", runId, "log", stageId, query] as const,
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/stages/{stage_id}/log", { params: { path: { stage_id: stageId }, query }, signal })),
  });
}
