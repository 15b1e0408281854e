import { queryOptions } from "@tanstack/react-query";

import { readIndexMap } from "../../lib/index-map";

/** The raw ids of an index PNG; what lies at such an address never changes. */
export function indexMapQuery(address: string) {
  return queryOptions({
    queryKey: ["index-map", address] as const,
    staleTime: Infinity,
    queryFn: () => readIndexMap(address),
  });
}
