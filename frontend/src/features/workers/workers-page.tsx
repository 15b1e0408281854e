import { Code, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { EmptyState } from "../../components/empty-state";
import { QueryFace } from "../../components/query-face";
import { formatCount } from "../../lib/format";
import { useTitle } from "../../lib/use-title";
import { StoragePanel } from "./storage-panel";
import { WorkerTable } from "./worker-table";
import { workersQuery } from "./workers-query";

/** Who works, where, and on what. */
export function WorkersPage() {
  useTitle("Workers");
  const workers = useQuery(workersQuery());
  return (
    <Stack gap="sm">
      <Title order={1} size="h3">
        Workers
      </Title>
      <QueryFace query={workers}>
        {({ items, now }) =>
          items.length === 0 ? (
            <NoWorker />
          ) : (
            <>
              <Text size="sm" c="dimmed">
                {formatCount(items.length, "worker")} seen in the last 24 hours. A worker that is silent for a minute counts as
                offline, and another worker takes over its stage.
              </Text>
              <WorkerTable workers={items} now={now} />
            </>
          )
        }
      </QueryFace>
      <StoragePanel />
    </Stack>
  );
}

function NoWorker() {
  return (
    <EmptyState title="No worker has been seen in the last 24 hours">
      Runs and scans wait for a worker. <Code>palimpsest up</Code> starts the service with one worker;{" "}
      <Code>palimpsest worker</Code> starts another one, on this machine or on any machine with the same database, broker and
      storage settings.
    </EmptyState>
  );
}
