import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { EmptyState } from "../../../components/empty-state";
import { QueryFace } from "../../../components/query-face";
import { useTitle } from "../../../lib/use-title";
import "../labelling.css";
import { waitingRoundsQuery } from "../labelling-queries";
import { QueueTable } from "./queue-table";

const ASK_AGAIN_MS = 10_000;

/** The rounds of all runs that wait for people. */
export function QueuePage() {
  useTitle("Labelling");
  const waiting = useInfiniteQuery({ ...waitingRoundsQuery(), refetchInterval: ASK_AGAIN_MS });
  return (
    <Stack gap="sm">
      <div>
        <Title order={1} size="h3">
          Labelling
        </Title>
        <Text size="sm" c="dimmed">
          rounds whose queries people answer, the longest waiting first
        </Text>
      </div>
      <QueryFace query={waiting}>
        {({ pages }) => {
          const rounds = pages.flatMap((page) => page.items);
          return rounds.length === 0 ? <NothingWaits /> : <QueueTable rounds={rounds} />;
        }}
      </QueryFace>
      {waiting.hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={waiting.isFetchingNextPage} onClick={() => void waiting.fetchNextPage()}>
            Show more
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function NothingWaits() {
  return (
    <EmptyState title="No round waits for labels">
      A round appears here once a run has chosen images for people to label. To have people label, choose “people” as the
      oracle of the task stream on the page Launch. Until its round is answered or closed, a run waits and holds no worker.
    </EmptyState>
  );
}
