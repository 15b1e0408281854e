import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import { PAGE_SIZE } from "../../../api/queries";

const CURVE_POINTS = 2000;

/** Names of the curves that begin so and hold that, the first page of them, from summaries alone. */
export function seriesKeysQuery(runId: string, prefix: string, contains = "") {
  return queryOptions({
    queryKey: ["run-data", runId, "series", "keys", prefix, contains] as const,
    staleTime: 10_000,
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/v1/runs/{run_id}/series", {
          params: { path: { run_id: runId }, query: { prefix, contains, limit: PAGE_SIZE } },
          signal,
        }),
      ),
  });
}

/** How the names of the curves begin, and how many there are of each beginning. */
export function seriesGroupsQuery(runId: string) {
  return queryOptions({
    queryKey: ["run-data", runId, "series", "keys", "groups"] as const,
    staleTime: 10_000,
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/runs/{run_id}/series-groups", { params: { path: { run_id: runId } }, signal })),
  });
}

/** Points of one curve; the service thins them out and keeps the spikes. */
export function seriesQuery(runId: string, key: string) {
  return queryOptions({
    queryKey: ["run-data", runId, "series", "points", key] as const,
    staleTime: Infinity,
    queryFn: ({ signal }) => {
      const params = { path: { run_id: runId, key }, query: { max_points: CURVE_POINTS } };
      return unwrap(api.GET("/api/v1/runs/{run_id}/series/{key}", { params, signal }));
    },
  });
}
