import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import { PAGE_SIZE } from "../../api/queries";

const CURVE_POINTS = 2000;
const LOG_TAIL = 2000;

/** What each step learned and forgot. */
export function stepTableQuery(runId: string) {
  return queryOptions({
    queryKey: ["run-data", runId, "step-table"] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/{run_id}/step-table", { params: { path: { run_id: runId } }, signal })),
  });
}

/** Names of the curves that begin so, from summaries alone. */
export function seriesKeysQuery(runId: string, prefix: string) {
  return queryOptions({
    queryKey: ["run-data", runId, "series", "keys", prefix] as const,
    staleTime: 10_000,
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/v1/runs/{run_id}/series", {
          params: { path: { run_id: runId }, query: { prefix, limit: PAGE_SIZE } },
          signal,
        }),
      ),
  });
}

/** Points of one curve; the service thins them out and keeps the spikes. */
export function seriesQuery(runId: string, key: string) {
  return queryOptions({
    queryKey: ["run-data", runId, "series", "points", key] as const,
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/v1/runs/{run_id}/series/{key}", {
          params: { path: { run_id: runId, key }, query: { max_points: CURVE_POINTS } },
          signal,
        }),
      ),
  });
}

/** The last lines of an attempt; null takes the latest attempt. */
export function logQuery(stageId: string, attempt: number | null, tail: number = LOG_TAIL) {
  return queryOptions({
    queryKey: ["stages", stageId, "log", attempt, tail] as const,
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/v1/stages/{stage_id}/log", {
          params: { path: { stage_id: stageId }, query: { tail, ...(attempt !== null && { attempt }) } },
          signal,
        }),
      ),
  });
}

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
