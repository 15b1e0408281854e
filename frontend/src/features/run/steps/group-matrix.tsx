import { Table } from "@mantine/core";

import type { StepTable } from "../../../api/types";
import { TallTable } from "../../../components/tall-table";
import { heatBackground } from "../../../lib/palette";
import { formatPercent } from "../../../lib/format";
import { groupDrop } from "./forgetting-measures";
import "./step-heat-table.css";

/** R[t, j] as a small heat map: every number is there as text, and what it lost shows on hover. */
export function GroupMatrix({ table }: { table: StepTable }) {
  return (
    <TallTable rows={table.steps.length} minWidth={0}>
      <Table className="heat-table group-matrix" withColumnBorders aria-label="mIoU by step and class group">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">after</Table.Th>
            {table.steps.map((row) => (
              <Table.Th key={row.step} scope="col" ta="center" title={namesOf(table, row.step)}>
                group {row.step}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {table.steps.map((row, step) => (
            <Table.Tr key={row.step}>
              <Table.Th scope="row">step {row.step}</Table.Th>
              {row.group_miou.map((value, group) => (
                <GroupCell key={group} value={value} drop={groupDrop(table.steps, step, group)} />
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TallTable>
  );
}

function GroupCell({ value, drop }: { value: number | null; drop: number | null }) {
  if (value === null) {
    return (
      <Table.Td ta="center" c="dimmed" aria-label="not learnt yet">
        ·
      </Table.Td>
    );
  }
  const change = drop === null ? "learnt in this step" : `${formatPercent(-drop)} points since it was learnt`;
  return (
    <Table.Td ta="center" fw={600} title={change} style={{ background: heatBackground(value, "value") }}>
      {formatPercent(value)}
    </Table.Td>
  );
}

/** Which classes a group holds. */
function namesOf(table: StepTable, step: number): string {
  return table.classes
    .filter((label) => label.step_learned === step)
    .map((label) => label.name)
    .join(", ");
}
