import { Anchor, Paper, ScrollArea, Table, Text } from "@mantine/core";
import { Link } from "react-router";

import type { WorkerSummary } from "../../api/types";
import { StateBadge } from "../../components/state-badge";
import { formatMoment, NOTHING } from "../../lib/format";
import { agoText, deviceText, versionsText } from "./worker-text";

/** The workers, one a line. */
export function WorkerTable({ workers, now }: { workers: readonly WorkerSummary[]; now: string }) {
  return (
    <Paper withBorder>
      <ScrollArea type="auto">
        <Table miw={600} verticalSpacing="xs" aria-label="workers">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Worker</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Current work</Table.Th>
              <Table.Th>Devices</Table.Th>
              <Table.Th>Queues</Table.Th>
              <Table.Th>Last seen</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {workers.map((worker) => (
              <WorkerRow key={worker.id} worker={worker} now={now} />
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </Paper>
  );
}

function WorkerRow({ worker, now }: { worker: WorkerSummary; now: string }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600} className="break-words">
          {worker.id}
        </Text>
        <Text size="xs" c="dimmed">
          host {worker.host}; {versionsText(worker.versions)}
        </Text>
      </Table.Td>
      <Table.Td>
        <StateBadge state={worker.state} />
      </Table.Td>
      <Table.Td>
        <CurrentWork worker={worker} />
      </Table.Td>
      <Table.Td>
        {worker.devices.map((device, place) => (
          <Text key={place} size="sm">
            {deviceText(device)}
          </Text>
        ))}
      </Table.Td>
      <Table.Td>{worker.queues.join(", ")}</Table.Td>
      <Table.Td title={formatMoment(worker.last_seen_at)}>
        {agoText(worker.last_seen_at, now)}
      </Table.Td>
    </Table.Tr>
  );
}

function CurrentWork({ worker }: { worker: WorkerSummary }) {
  if (worker.stage != null) {
    return (
      <Anchor component={Link} to={`/runs/${worker.stage.run_id}`} size="sm">
        stage {worker.stage.index} {worker.stage.name}
      </Anchor>
    );
  }
  if (worker.dataset != null) {
    return (
      <Anchor component={Link} to={`/datasets/${worker.dataset.id}`} size="sm">
        scan of {worker.dataset.name}
      </Anchor>
    );
  }
  return NOTHING;
}
