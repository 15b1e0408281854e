import { Table, Text } from "@mantine/core";

import type { ClassLabel, MemorySnapshot } from "../../api/types";
import { ClassName } from "../../components/class-name";
import { Icon } from "../../components/icon";
import { MemoryWarnings } from "../../components/memory-warnings";
import { Panel } from "../../components/panel";
import { TallTable } from "../../components/tall-table";
import { formatBytes, formatCount, formatPercent } from "../../lib/format";
import { formatShare } from "./memory-matrix";

interface BalancePanelProps {
  snapshot: MemorySnapshot;
  classes: readonly ClassLabel[];
}

/** How one snapshot is shared among the classes that were seen, against the budget. */
export function BalancePanel({ snapshot, classes }: BalancePanelProps) {
  const share = snapshot.budget_per_class ?? 0;
  const longest = Math.max(share, 1, ...snapshot.cells.map((cell) => cell.items));
  const shown = classes.filter(
    ({ id }) => snapshot.seen_classes.includes(id) || snapshot.cells.some((cell) => cell.class_id === id),
  );
  return (
    <Panel
      title={`Balance after stage ${snapshot.stage_index}`}
      hint={
        `${snapshot.items} of ${formatCount(snapshot.budget, "instance")}; ` +
        `${formatShare(snapshot.budget_per_class)} per class in equal shares for ${snapshot.seen_classes.length} (the mark on each bar)`
      }
    >
      <MemoryWarnings snapshot={snapshot} />
      <TallTable rows={shown.length} minWidth={320}>
        <Table verticalSpacing={4} stickyHeader aria-label="balance of the memory">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>class</Table.Th>
              <Table.Th className="number">instances</Table.Th>
              <Table.Th w="45%">against budget</Table.Th>
              <Table.Th className="number">of memory</Table.Th>
              <Table.Th className="number">bytes</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((label) => {
              const cell = snapshot.cells.find(({ class_id }) => class_id === label.id);
              const items = cell?.items ?? 0;
              return (
                <Table.Tr key={label.id}>
                  <Table.Td>
                    <ClassName name={label.name} colour={label.colour} />
                  </Table.Td>
                  <Table.Td className="number">{items === 0 ? <NoInstance /> : items}</Table.Td>
                  <Table.Td>
                    <BudgetBar items={items / longest} share={share / longest} />
                  </Table.Td>
                  <Table.Td className="number">{formatPercent(snapshot.items === 0 ? null : items / snapshot.items)} %</Table.Td>
                  <Table.Td className="number">{formatBytes(cell?.bytes ?? 0)}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </TallTable>
    </Panel>
  );
}

function NoInstance() {
  return (
    <Text component="span" size="sm" className="matrix-missing">
      <Icon name="failed" size={14} /> none
    </Text>
  );
}

/** Both are shares of the bar's whole length. */
function BudgetBar({ items, share }: { items: number; share: number }) {
  return (
    <div className="budget-bar" aria-hidden="true">
      <div className="budget-bar-items" style={{ width: `${items * 100}%` }} />
      <div className="budget-bar-mark" style={{ left: `${share * 100}%` }} />
    </div>
  );
}
