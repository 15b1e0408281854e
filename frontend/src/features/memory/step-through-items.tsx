import { Button, Group, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { useKeys } from "../../lib/keys";
import { memoryItemsQuery } from "./memory-queries";
import type { MemoryView } from "./use-memory-view";

/** To the previous and next item of the grid, by button or arrow key; fetches more of them in time. */
export function StepThroughItems({ itemId, stageId, view }: { itemId: number; stageId: string; view: MemoryView }) {
  const query = useInfiniteQuery(memoryItemsQuery(stageId, view.filters));
  const ids = query.data?.pages.flatMap((page) => page.items.map((item) => item.id)) ?? [];
  const place = ids.indexOf(itemId);
  const go = (by: number) => {
    const next = ids[place + by];
    if (place >= 0 && next !== undefined) {
      view.open(next);
    }
    if (place + by >= ids.length - 2 && query.hasNextPage && !query.isFetching) {
      void query.fetchNextPage();
    }
  };
  useKeys({ ArrowLeft: () => go(-1), ArrowRight: () => go(1) }, "dialog");
  if (place < 0) {
    return null;
  }
  return (
    <Group justify="space-between">
      <Button variant="default" size="xs" disabled={place === 0} onClick={() => go(-1)}>
        ← previous
      </Button>
      <Text size="xs" c="dimmed">
        {place + 1} of {query.data?.pages[0]?.total ?? ids.length}
      </Text>
      <Button variant="default" size="xs" disabled={place === ids.length - 1 && !query.hasNextPage} onClick={() => go(1)}>
        next →
      </Button>
    </Group>
  );
}
