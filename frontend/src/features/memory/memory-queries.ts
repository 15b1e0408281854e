import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import { type MemoryFilters, queryOf } from "./memory-view";

const GRID_PAGE = 100;
const PASTES_PAGE = 12;

/** The items of a snapshot, page by page; a snapshot never changes. */
export function memoryItemsQuery(stageId: string, filters: MemoryFilters) {
  return infiniteQueryOptions({
    queryKey: ["memory-items", stageId, filters] as const,
    staleTime: Infinity,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const page = pageParam === null ? { count: "exact" as const } : { cursor: pageParam };
      const query = { ...queryOf(filters), ...page, limit: GRID_PAGE };
      return unwrap(api.GET("/api/v1/stages/{stage_id}/memory-items", { params: { path: { stage_id: stageId }, query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** One stored instance. */
export function memoryItemQuery(itemId: number) {
  return queryOptions({
    queryKey: ["memory-item", itemId] as const,
    staleTime: Infinity,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/memory-items/{item_id}", { params: { path: { item_id: itemId } }, signal })),
  });
}

/** Where an instance was pasted; a stage that still trains has more to come. */
export function memoryPastesQuery(itemId: number) {
  return infiniteQueryOptions({
    queryKey: ["memory-item", itemId, "pastes"] as const,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PASTES_PAGE, ...(pageParam !== null && { cursor: pageParam }) };
      return unwrap(api.GET("/api/v1/memory-items/{item_id}/pastes", { params: { path: { item_id: itemId }, query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor,
  });
}
