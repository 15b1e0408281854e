import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import type { operations } from "../../api/generated/schema";
import { PAGE_SIZE } from "../../api/queries";
import type { SeriesAnswer } from "../../api/types";

const CURVE_POINTS = 2000;
const LOG_TAIL = 2000;

/** What each step learned and forgot. */
export function stepTableQuery(runId: string) {
  return queryOptions({
    queryKey: ["run-data", runId, "step-table"] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/{run_id}/step-table", { params: { path: { run_id: runId } }, signal })),
  });
}

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
    queryFn: async ({ signal }) => {
      const params = { path: { run_id: runId, key }, query: { max_points: CURVE_POINTS } };
      // The same address answers with a table where one is asked for; JSON is what it gives by itself.
      return (await unwrap(api.GET("/api/v1/runs/{run_id}/series/{key}", { params, signal }))) as SeriesAnswer;
    },
  });
}

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

/** Datasets and tags that the list can be narrowed to. */
export function runChoicesQuery() {
  return queryOptions({
    queryKey: ["runs", "choices"] as const,
    staleTime: 30_000,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/choices", { signal })),
  });
}
