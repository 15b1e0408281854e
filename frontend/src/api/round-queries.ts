import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "./client";
import type { QuerySort, QueryState, Rounds } from "./types";

/** What queries can be ordered by. */
export const QUERY_SORTS: readonly QuerySort[] = ["rank", "class", "image", "group", "pixels"];

/** The order that an address names. */
export function querySortOf(text: string | null): QuerySort {
  return QUERY_SORTS.find((sort) => sort === text) ?? "rank";
}

/** Which queries of a round are wanted; no state means all. */
export interface QueryFilter {
  state: QueryState | null;
  sort: QuerySort;
}

/** What belongs to the rounds of a run begins so: an event of its feed makes all of it stale. */
function roundsKey(runId: string) {
  return ["run-data", runId, "rounds"] as const;
}

/** Every training of a run with the labels that it saw, and the queries after it. */
export function roundsQuery(runId: string) {
  return queryOptions({
    queryKey: roundsKey(runId),
    queryFn: async ({ signal }) => {
      const answer = await unwrap(api.GET("/api/v1/runs/{run_id}/rounds", { params: { path: { run_id: runId } }, signal }));
      // The client makes a list of the pair that the schema promises.
      return answer as Rounds;
    },
  });
}

/** The queries of one round, page by page. */
export function queriesOfRound(runId: string, stageId: string, { state, sort }: QueryFilter, limit: number) {
  return infiniteQueryOptions({
    queryKey: [...roundsKey(runId), "queries", stageId, state, sort, limit] as const,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = { sort, limit, ...(state !== null && { state: [state] }), ...(pageParam !== null && { cursor: pageParam }) };
      return unwrap(api.GET("/api/v1/stages/{stage_id}/queries", { params: { path: { stage_id: stageId }, query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** One query with its classes, versions of the answer, and history. */
export function queryDetailQuery(runId: string, queryId: string) {
  return queryOptions({
    queryKey: [...roundsKey(runId), "query", queryId] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/queries/{query_id}", { params: { path: { query_id: queryId } }, signal })),
  });
}
