import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";

/** Datasets and tags that the list can be narrowed to. */
export function runChoicesQuery() {
  return queryOptions({
    queryKey: ["runs", "choices"] as const,
    staleTime: 30_000,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/choices", { signal })),
  });
}
