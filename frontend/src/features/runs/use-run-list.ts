import { keepPreviousData, type QueryFunctionContext, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";

import { api, unwrap } from "../../api/client";
import { PAGE_SIZE } from "../../api/queries";
import type { RunListQuery } from "../../api/types";
import { mergeRuns, type RunOverlay, withChanges } from "./merge-runs";
import { narrowingOf, type RunFilters } from "./run-filters";

const REFRESH_MS = 3000;
const UNCHANGED: RunOverlay = { changed: new Map(), left: new Set() };

interface Overlay extends RunOverlay {
  /** By the service's clock; the browser's own may be wrong. */
  asOf: string;
  total: number;
}

/** The runs of a filter: pages as they are scrolled to, and every three seconds what changed in them. */
export function useRunList(filters: RunFilters) {
  const narrowing = useMemo(() => narrowingOf(filters), [filters]);
  const { sort, isAscending } = filters;
  const pages = useInfiniteQuery({
    queryKey: ["runs", "pages", narrowing, sort, isAscending],
    initialPageParam: null as string | null,
    // What changes is told by the changes; comparing ten thousand rows with themselves would take a frame.
    staleTime: Infinity,
    structuralSharing: false,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) =>
      readPage({ ...narrowing, sort, order: isAscending ? "asc" : "desc" }, pageParam, signal),
    getNextPageParam: (page) => page.next_cursor,
  });
  const first = pages.data?.pages[0];
  const asOf = first?.as_of ?? "";
  const fresh = useChanges(narrowing, asOf, pages.data !== undefined && !pages.isPlaceholderData);

  const { changed, left } = fresh.data ?? UNCHANGED;
  const runs = useMemo(() => {
    const read = pages.data?.pages.flatMap((page) => page.items) ?? [];
    return mergeRuns(read, { changed, left }, { sort, isAscending }, !pages.hasNextPage);
  }, [pages.data, pages.hasNextPage, changed, left, sort, isAscending]);
  return {
    runs,
    total: fresh.data?.total ?? first?.total ?? null,
    isLoading: pages.isPending,
    isChanging: pages.isPlaceholderData,
    error: pages.error ?? fresh.error,
    hasMore: pages.hasNextPage,
    // Asked for only where it is needed: whoever asks is drawn anew when each page is begun.
    isReadingMore: runs.length === 0 && !pages.isPending && pages.isFetchingNextPage,
    /** Fetch the next page, unless that is under way. */
    readMore: () => void pages.fetchNextPage({ cancelRefetch: false }),
    retry: () => void Promise.all([pages.refetch(), fresh.refetch()]),
  };
}

function useChanges(narrowing: RunListQuery, asOf: string, isEnabled: boolean) {
  const client = useQueryClient();
  return useQuery({
    queryKey: ["runs", "fresh", narrowing, asOf],
    refetchInterval: REFRESH_MS,
    structuralSharing: false,
    enabled: isEnabled,
    queryFn: async ({ queryKey, signal }: QueryFunctionContext): Promise<Overlay> => {
      const before = client.getQueryData<Overlay>(queryKey) ?? { ...UNCHANGED, asOf, total: 0 };
      const query = { ...narrowing, after: before.asOf };
      const answer = await unwrap(api.GET("/api/v1/runs/changes", { params: { query }, signal }));
      if (!answer.is_complete) {
        void client.resetQueries({ queryKey: ["runs", "pages"] });
      }
      return { ...withChanges(before, answer.items, answer.left), asOf: answer.as_of, total: answer.total };
    },
  });
}

function readPage(query: RunListQuery, cursor: string | null, signal: AbortSignal) {
  const place = cursor === null ? ({ count: "exact" } as const) : { cursor };
  return unwrap(api.GET("/api/v1/runs", { params: { query: { ...query, limit: PAGE_SIZE, ...place } }, signal }));
}
