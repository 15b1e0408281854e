import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";

/** What each step learned and forgot. */
export function stepTableQuery(runId: string) {
  return queryOptions({
    queryKey: ["run-data", runId, "step-table"] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/{run_id}/step-table", { params: { path: { run_id: runId } }, signal })),
  });
}
