import { Button, Group, Skeleton, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import type { MemoryEntry } from "../../api/types";
import { ClassName } from "../../components/class-name";
import { EmptyState } from "../../components/empty-state";
import { Panel } from "../../components/panel";
import { Problem } from "../../components/problem";
import { formatCount } from "../../lib/format";
import { memoryItemsQuery } from "./memory-queries";

interface MemoryGridProps {
  runId: string;
  stageId: string;
  classId: number | null;
  onOpen: (itemId: number) => void;
}

/** Small pictures of the stored instances, in the order of their selection. */
export function MemoryGrid({ runId, stageId, classId, onOpen }: MemoryGridProps) {
  const query = useInfiniteQuery(memoryItemsQuery(runId, stageId, classId));
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.isPending) {
    return <Skeleton height={240} aria-busy="true" aria-label="loading" />;
  }
  if (query.error !== null && query.data === undefined) {
    return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  }
  return (
    <Panel
      title="Instances"
      hint={`${formatCount(items.length, "instance")} shown${query.hasNextPage ? ", there are more" : ""}, in the order of selection`}
    >
      {items.length === 0 && (
        <EmptyState title="Nothing of this class is stored">Choose another cell of the table above.</EmptyState>
      )}
      <div className="memory-grid">
        {items.map((item) => (
          <MemoryTile key={item.id} item={item} onOpen={onOpen} />
        ))}
      </div>
      {query.hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        </Group>
      )}
    </Panel>
  );
}

function MemoryTile({ item, onOpen }: { item: MemoryEntry; onOpen: (itemId: number) => void }) {
  return (
    <UnstyledButton className="memory-tile" onClick={() => onOpen(item.id)} title={`${item.class_name} from ${item.source}`}>
      <img
        src={`/api/v1/memory-items/${item.id}/thumbnail`}
        alt={`${item.class_name} from ${item.source}`}
        loading="lazy"
        className="pixels"
      />
      <ClassName name={item.class_name} colour={item.colour} size="xs" />
    </UnstyledButton>
  );
}
