import { Group, Stack, Table, Text } from "@mantine/core";

import type { StepTable } from "../../../api/types";
import { Panel } from "../../../components/panel";
import { formatPercent } from "../../../lib/format";
import { MEASURES } from "./forgetting-measures";
import { GroupMatrix } from "./group-matrix";

/** What the run keeps and what it forgets, in the few numbers of continual learning, and the matrix they come from. */
export function ForgettingPanel({ table }: { table: StepTable }) {
  return (
    <Panel
      title="Keeping and forgetting"
      hint="in percent, by groups of classes: one group is what one step taught; differences in percentage points"
    >
      <Group align="flex-start" gap="xl">
        <MeasureTable table={table} />
        <Stack gap={4}>
          <Text size="sm" fw={600}>
            R: mIoU of each group after each step
          </Text>
          <GroupMatrix table={table} />
        </Stack>
      </Group>
    </Panel>
  );
}

function MeasureTable({ table }: { table: StepTable }) {
  return (
    <Table.ScrollContainer minWidth={0} style={{ flex: "1 1 420px" }}>
      <Table className="heat-table" aria-label="measures of forgetting by step">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">measure</Table.Th>
            {table.steps.map((row) => (
              <Table.Th key={row.step} scope="col" ta="center">
                step {row.step}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {MEASURES.map(({ key, symbol, name, meaning }) => (
            <Table.Tr key={key}>
              <Table.Th scope="row" className="measure-name">
                {symbol}, {name}
                <Text size="xs" c="dimmed" fw={400}>
                  {meaning}
                </Text>
              </Table.Th>
              {table.steps.map((row) => (
                <Table.Td key={row.step} ta="center">
                  {formatPercent(row[key])}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
