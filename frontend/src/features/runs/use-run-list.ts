import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { api, unwrap } from "../../api/client";
import { PAGE_SIZE } from "../../api/queries";
import type { RunListQuery } from "../../api/types";
import { mergeRuns } from "./merge-runs";
import { matchesText, type RunFilters } from "./run-filters";

const REFRESH_MS = 3000;

/** The runs of a filter: older pages as they are scrolled to, the newest ones asked anew every three seconds. */
export function useRunList(filters: RunFilters) {
  const { states, method, experimentId, text } = filters;
  const narrowing = useMemo(
    () => ({
      ...(states.length > 0 && { state: states }),
      ...(method !== null && { method }),
      ...(experimentId !== null && { experiment_id: experimentId }),
    }),
    [states, method, experimentId],
  );
  const pages = useInfiniteQuery({
    queryKey: ["runs", "pages", narrowing],
    initialPageParam: null as string | null,
    staleTime: 60_000,
    queryFn: ({ pageParam, signal }) => readPage(narrowing, pageParam, signal),
    getNextPageParam: (page) => page.next_cursor,
  });
  const fresh = useQuery({
    queryKey: ["runs", "fresh", narrowing],
    queryFn: ({ signal }) => readPage(narrowing, null, signal),
    refetchInterval: REFRESH_MS,
    enabled: pages.data !== undefined,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  useEffect(() => {
    // The service cannot search: to find a word, every row has to be here.
    if (text !== "" && hasNextPage && !isFetchingNextPage) {
      void fetchNextPage();
    }
  }, [text, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const runs = useMemo(() => {
    const read = pages.data?.pages.flatMap((page) => page.items) ?? [];
    const merged = mergeRuns(read, fresh.data?.items, fresh.data?.next_cursor === null);
    return text === "" ? merged : merged.filter((run) => matchesText(run, text));
  }, [pages.data, fresh.data, text]);
  return {
    runs,
    isLoading: pages.isPending,
    error: pages.error ?? fresh.error,
    hasMore: hasNextPage,
    isReadingMore: isFetchingNextPage,
    readMore: () => void fetchNextPage(),
    retry: () => void Promise.all([pages.refetch(), fresh.refetch()]),
  };
}

function readPage(narrowing: RunListQuery, cursor: string | null, signal: AbortSignal) {
  const query = { ...narrowing, limit: PAGE_SIZE, ...(cursor !== null && { cursor }) };
  return unwrap(api.GET("/api/v1/runs", { params: { query }, signal }));
}
