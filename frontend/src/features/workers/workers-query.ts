import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import { PAGE_SIZE } from "../../api/queries";

const LOOK_MS = 5000;
const LOOK_AT_STORAGE_MS = 10_000;

/** The workers of the last 24 hours, with the time by which theirs are to be read. */
export function workersQuery() {
  return queryOptions({
    queryKey: ["workers"] as const,
    refetchInterval: LOOK_MS,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/workers", { params: { query: { limit: PAGE_SIZE } }, signal })),
  });
}

/** The room that the service takes, as it was measured last. */
export function storageQuery() {
  return queryOptions({
    queryKey: ["storage"] as const,
    refetchInterval: LOOK_AT_STORAGE_MS,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/storage", { signal })),
  });
}
