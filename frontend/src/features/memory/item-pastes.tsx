import { Button, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import type { MemoryEntry, MemoryPaste, MemoryPastes } from "../../api/types";
import { QueryFace } from "../../components/query-face";
import { formatCount, formatPercent } from "../../lib/format";
import { at } from "../../lib/place";
import { BoxedPicture } from "./boxed-picture";
import { memoryPastesQuery } from "./memory-queries";

/** How often each stage pasted an instance, and training images into which it was pasted. */
export function ItemPastes({ item }: { item: MemoryEntry }) {
  const query = useInfiniteQuery({ ...memoryPastesQuery(item.id), select: ({ pages }) => pages });
  return (
    <Stack gap="xs">
      <Title order={3} size="h6">
        Pasted into training images
      </Title>
      <QueryFace query={query} height={120}>
        {(pages) => <Pastes item={item} draws={pages[0]?.draws ?? []} pastes={pages.flatMap((page) => page.items)} />}
      </QueryFace>
      {query.hasNextPage && (
        <Button
          size="xs"
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
          style={{ alignSelf: "center" }}
        >
          Show more
        </Button>
      )}
    </Stack>
  );
}

interface PastesProps {
  item: MemoryEntry;
  draws: MemoryPastes["draws"];
  pastes: readonly MemoryPaste[];
}

function Pastes({ item, draws, pastes }: PastesProps) {
  if (draws.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No stage has used this instance yet. The next stage pastes instances of this memory into its training images.
      </Text>
    );
  }
  return (
    <>
      <Text size="sm">
        {draws.map(({ stage_index, times }) => `stage ${stage_index}: ${formatCount(times, "time")}`).join(" · ")}
      </Text>
      {pastes.length === 0 ? (
        <Text size="sm" c="dimmed">
          No example images were kept.
        </Text>
      ) : (
        <SimpleGrid cols={{ base: 1, xs: 2, sm: 3 }}>
          {pastes.map((paste) => (
            <figure key={paste.id} className="paste">
              <BoxedPicture
                src={at(`/api/v1/memory-pastes/${paste.id}/picture`)}
                alt={`training image ${paste.source} with ${item.class_name} pasted in`}
                size={paste.image_size}
                box={paste.box}
                colour={item.colour}
              />
              <figcaption className="small-print">
                stage {paste.stage_index}, {trainingImage(paste.source)}, weight {formatPercent(paste.lam)} %
              </figcaption>
            </figure>
          ))}
        </SimpleGrid>
      )}
    </>
  );
}

function trainingImage(source: string): string {
  return source.startsWith("memory/") ? `replayed instance ${source.slice("memory/".length)}` : `image ${source}`;
}
