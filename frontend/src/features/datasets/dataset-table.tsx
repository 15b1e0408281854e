import { Anchor, Paper, ScrollArea, Table, Text } from "@mantine/core";
import { Link } from "react-router";

import type { DatasetSummary } from "../../api/types";
import { formatCount, formatMoment, formatNumber, NOTHING } from "../../lib/format";
import { DatasetState } from "./dataset-state";
import { placeOf } from "./dataset-text";

/** The registered datasets, one a line. */
export function DatasetTable({ datasets }: { datasets: readonly DatasetSummary[] }) {
  return (
    <Paper withBorder>
      <ScrollArea type="auto">
        <Table miw={600} verticalSpacing="xs" aria-label="registered datasets">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Images</Table.Th>
              <Table.Th className="number">Classes</Table.Th>
              <Table.Th className="number">Problems</Table.Th>
              <Table.Th>Scanned</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {datasets.map((dataset) => (
              <DatasetRow key={dataset.id} dataset={dataset} />
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </Paper>
  );
}

function DatasetRow({ dataset }: { dataset: DatasetSummary }) {
  const isScanned = dataset.scanned_at !== null;
  return (
    <Table.Tr>
      <Table.Td miw={160}>
        <Anchor component={Link} to={`/datasets/${dataset.id}`} fw={600} size="sm" className="break-words">
          {dataset.name}
        </Anchor>
        <Text size="xs" c="dimmed" className="break-words">
          {placeOf(dataset.spec)}
        </Text>
      </Table.Td>
      <Table.Td>
        <DatasetState dataset={dataset} />
      </Table.Td>
      <Table.Td>
        {dataset.splits.map((split) => (
          <Text key={split.name} size="sm">
            {split.name}: {formatCount(split.images, "image")}
          </Text>
        ))}
        {dataset.splits.length === 0 && NOTHING}
      </Table.Td>
      <Table.Td className="number">{isScanned ? dataset.num_classes : NOTHING}</Table.Td>
      <Table.Td className="number">{isScanned ? formatNumber(dataset.num_faults) : NOTHING}</Table.Td>
      <Table.Td>{formatMoment(dataset.scanned_at)}</Table.Td>
    </Table.Tr>
  );
}
