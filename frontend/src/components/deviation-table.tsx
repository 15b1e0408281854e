import { Code, Table, Text } from "@mantine/core";

import type { Deviation } from "../api/types";
import { formatSetting } from "../lib/format";
import { TallTable } from "./tall-table";

/** Where a config leaves the values of its publication. */
export function DeviationTable({ deviations }: { deviations: readonly Deviation[] }) {
  if (deviations.length === 0) {
    return <Text size="sm">None: every setting has the published value.</Text>;
  }
  return (
    <TallTable rows={deviations.length} minWidth={320}>
      <Table verticalSpacing={4} fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>setting</Table.Th>
            <Table.Th>published</Table.Th>
            <Table.Th>here</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {deviations.map((deviation) => (
            <Table.Tr key={deviation.pointer}>
              <Table.Td>
                <Code fz="xs">{deviation.pointer.slice(1).replaceAll("/", ".")}</Code>
              </Table.Td>
              <Table.Td c="dimmed">{formatSetting(deviation.published)}</Table.Td>
              <Table.Td fw={600}>{formatSetting(deviation.value)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TallTable>
  );
}
