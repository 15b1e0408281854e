import { Button, Group, Skeleton, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import type { MemoryEntry } from "../../api/types";
import { ClassName } from "../../components/class-name";
import { EmptyState } from "../../components/empty-state";
import { Problem } from "../../components/problem";
import { formatBytes, formatCount, formatNumber } from "../../lib/format";
import { at } from "../../lib/place";
import { memoryItemsQuery } from "./memory-queries";
import { type MemoryFilters, ORDERS } from "./memory-view";
import { TILE_HEIGHT, useGridWindow } from "./use-grid-window";

interface MemoryGridProps {
  stageId: string;
  filters: MemoryFilters;
  onOpen: (itemId: number) => void;
}

/** Small pictures of the stored instances; more are fetched as one scrolls. */
export function MemoryGrid({ stageId, filters, onOpen }: MemoryGridProps) {
  const query = useInfiniteQuery(memoryItemsQuery(stageId, filters));
  const { fetchNextPage } = query;
  if (query.data === undefined) {
    return query.error === null ? (
      <Skeleton height={2 * TILE_HEIGHT} aria-busy="true" aria-label="loading" />
    ) : (
      <Problem error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  const items = query.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return <EmptyState title="No instance matches">Choose another class, stage or source image, or show all instances.</EmptyState>;
  }
  return (
    <>
      <Tiles
        items={items}
        filters={filters}
        onOpen={onOpen}
        onEnd={query.hasNextPage && !query.isFetching && query.error === null ? fetchNextPage : null}
      />
      {query.error !== null && <Problem error={query.error} onRetry={() => void fetchNextPage()} />}
      <Group justify="space-between" className="small-print">
        <span role="status">
          {formatCount(items.length, "instance")} of {formatNumber(query.data.pages[0]?.total ?? items.length)},{" "}
          {ORDERS[filters.order].label}
        </span>
        {query.hasNextPage && (
          <Button size="compact-xs" variant="default" loading={query.isFetching} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        )}
      </Group>
    </>
  );
}

interface TilesProps extends Omit<MemoryGridProps, "stageId"> {
  items: readonly MemoryEntry[];
  /** Called when the last tiles come into view; null where there are no more to fetch. */
  onEnd: (() => unknown) | null;
}

function Tiles({ items, filters, onOpen, onEnd }: TilesProps) {
  const box = useRef<HTMLDivElement>(null);
  const { first, end, before, after, columns } = useGridWindow(box, items.length);
  const isAtEnd = end >= items.length;
  useEffect(() => {
    if (isAtEnd) {
      onEnd?.();
    }
  }, [isAtEnd, onEnd]);
  return (
    <div ref={box} className="memory-box">
      <div style={{ height: before }} />
      <div className="memory-grid" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
        {items.slice(first, end).map((item) => (
          <MemoryTile key={item.id} item={item} fact={factOf(item, filters)} onOpen={onOpen} />
        ))}
      </div>
      <div style={{ height: after }} />
    </div>
  );
}

function MemoryTile({ item, fact, onOpen }: { item: MemoryEntry; fact: string; onOpen: (itemId: number) => void }) {
  const name = `${item.class_name} from ${item.source}`;
  return (
    <UnstyledButton className="memory-tile" style={{ height: TILE_HEIGHT - 8 }} onClick={() => onOpen(item.id)} title={name}>
      <img src={at(`/api/v1/memory-items/${item.id}/thumbnail`)} alt={name} loading="lazy" className="pixels" />
      <ClassName name={item.class_name} colour={item.colour} size="xs" />
      <div className="small-print">{fact}</div>
    </UnstyledButton>
  );
}

/** What the order goes by; how often it was pasted in the order of selection. */
function factOf(item: MemoryEntry, { order }: MemoryFilters): string {
  const { sort } = ORDERS[order];
  return sort === "area" ? `${item.area} px` : sort === "bytes" ? formatBytes(item.bytes) : `pasted ${item.times_drawn}×`;
}
