import { Badge } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { waitingRoundsQuery } from "../features/labelling/labelling-queries";
import { formatCount } from "../lib/format";

const ASK_AGAIN_MS = 60_000;

/** How many rounds wait for people, on every page; nothing where none does, or nobody can tell. */
export function WaitingCount() {
  const waiting = useInfiniteQuery({ ...waitingRoundsQuery(), staleTime: ASK_AGAIN_MS / 2, refetchInterval: ASK_AGAIN_MS });
  const count = waiting.data?.pages.reduce((sum, page) => sum + page.items.length, 0) ?? 0;
  if (count === 0) {
    return null;
  }
  const hasMore = waiting.hasNextPage;
  const words = `${hasMore ? "at least " : ""}${formatCount(count, "round waits", "rounds wait")} for labels`;
  return (
    <Badge size="sm" ml={6} px={5} role="img" aria-label={words} title={words}>
      {count}
      {hasMore && "+"}
    </Badge>
  );
}
