import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import { PAGE_SIZE } from "../../../api/queries";
import { readIndexMap } from "../../../lib/index-map";

/** The run's panel images with the predictions of all steps so far; a run has fewer of them than a page. */
export function predictionsQuery(runId: string) {
  return queryOptions({
    queryKey: ["run-data", runId, "predictions"] as const,
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/v1/runs/{run_id}/predictions", {
          params: { path: { run_id: runId }, query: { limit: PAGE_SIZE } },
          signal,
        }),
      ),
  });
}

/** The raw ids of an index PNG; what lies at such an address never changes. */
export function indexMapQuery(address: string) {
  return queryOptions({
    queryKey: ["index-map", address] as const,
    staleTime: Infinity,
    queryFn: () => readIndexMap(address),
  });
}
