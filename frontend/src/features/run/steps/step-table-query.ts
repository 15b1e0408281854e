import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";

/** What each step learned and forgot; the classes of a domain, or where none is named of all together. */
export function stepTableQuery(runId: string, domain: string | null = null) {
  const params = { path: { run_id: runId }, query: domain === null ? {} : { domain } };
  return queryOptions({
    queryKey: ["run-data", runId, "step-table", domain] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/{run_id}/step-table", { params, signal })),
  });
}
