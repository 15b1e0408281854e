import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import { PAGE_SIZE } from "../../../api/queries";

/** The run's panel images of a domain with the predictions of all steps so far; there are fewer of them than a page holds.
 *
 * Without a domain they are those that have none, or the first domain's.
 */
export function predictionsQuery(runId: string, domain: string | null) {
  return queryOptions({
    queryKey: ["run-data", runId, "predictions", domain] as const,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/v1/runs/{run_id}/predictions", {
          params: { path: { run_id: runId }, query: { domain, limit: PAGE_SIZE } },
          signal,
        }),
      ),
  });
}
