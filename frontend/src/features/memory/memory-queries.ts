import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";

const GRID_PAGE = 100;

/** The items of a snapshot, page by page; of one class where it is given. */
export function memoryItemsQuery(runId: string, stageId: string, classId: number | null) {
  return infiniteQueryOptions({
    queryKey: ["run-data", runId, "memory", stageId, classId] as const,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => readItems(stageId, { classId, cursor: pageParam, limit: GRID_PAGE }, signal),
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** How much of a snapshot belongs to each class. */
export function memoryBalanceQuery(runId: string, stageId: string) {
  return queryOptions({
    queryKey: ["run-data", runId, "memory", stageId, "balance"] as const,
    queryFn: ({ signal }) => readItems(stageId, { classId: null, cursor: null, limit: 1 }, signal),
  });
}

/** One stored instance. */
export function memoryItemQuery(itemId: number) {
  return queryOptions({
    queryKey: ["memory-items", itemId] as const,
    staleTime: Infinity,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/memory-items/{item_id}", { params: { path: { item_id: itemId } }, signal })),
  });
}

function readItems(
  stageId: string,
  wanted: { classId: number | null; cursor: string | null; limit: number },
  signal: AbortSignal,
) {
  const query = {
    limit: wanted.limit,
    ...(wanted.classId !== null && { class_id: wanted.classId }),
    ...(wanted.cursor !== null && { cursor: wanted.cursor }),
  };
  return unwrap(api.GET("/api/v1/stages/{stage_id}/memory-items", { params: { path: { stage_id: stageId }, query }, signal }));
}
