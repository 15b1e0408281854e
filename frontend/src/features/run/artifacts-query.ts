import { infiniteQueryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import { PAGE_SIZE } from "../../api/queries";

/** Files that the run's stages left behind, page by page. */
export function artifactsQuery(runId: string) {
  return infiniteQueryOptions({
    queryKey: ["run-data", runId, "artifacts"] as const,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET("/api/v1/runs/{run_id}/artifacts", {
          params: { path: { run_id: runId }, query: { limit: PAGE_SIZE, ...(pageParam !== null && { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
}
