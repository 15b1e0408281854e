import { Table, Text, UnstyledButton } from "@mantine/core";

import { ClassName } from "../../components/class-name";
import { Panel } from "../../components/panel";
import { formatBytes } from "../../lib/format";
import { heatBackground } from "../../lib/palette";
import { type MatrixCell, memoryMatrix, type Snapshot } from "./memory-matrix";
import type { MemoryView } from "./use-memory-view";
import "./class-matrix.css";

/** Class x step with counts and bytes; a cell narrows the grid to its class and snapshot. */
export function ClassMatrix({ snapshots, view }: { snapshots: readonly Snapshot[]; view: MemoryView }) {
  const lines = memoryMatrix(snapshots);
  const most = Math.max(1, ...lines.flatMap((line) => line.cells.map((cell) => cell?.items ?? 0)));
  return (
    <Panel
      title="Classes and steps"
      hint="instances and bytes in the memory after each stage; choose a cell, or a stage for all classes"
    >
      <Table.ScrollContainer minWidth={300} maxHeight={360}>
        <Table className="class-matrix" withColumnBorders aria-label="stored instances by class and stage">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>class</Table.Th>
              {snapshots.map(({ stage, balance }) => (
                <Table.Th key={stage.id} p={0}>
                  <MatrixButton
                    isChosen={view.stageId === stage.id && view.classId === null}
                    onClick={() => view.show(stage.id, null)}
                  >
                    <b>after stage {stage.index}</b>
                    <Text size="xs">
                      {balance.total_items}, {formatBytes(balance.total_bytes)}
                    </Text>
                  </MatrixButton>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((line) => (
              <Table.Tr key={line.id}>
                <Table.Th scope="row">
                  <ClassName name={line.name} colour={line.colour} />
                </Table.Th>
                {line.cells.map((cell, place) => {
                  const stage = snapshots[place]?.stage;
                  return (
                    <Table.Td key={stage?.id} p={0} style={{ background: heatBackground((cell?.items ?? 0) / most, "value") }}>
                      <CellButton
                        cell={cell}
                        isChosen={view.stageId === stage?.id && view.classId === line.id}
                        onClick={() => stage !== undefined && view.show(stage.id, line.id)}
                      />
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}

function CellButton({ cell, isChosen, onClick }: { cell: MatrixCell | null; isChosen: boolean; onClick: () => void }) {
  if (cell === null) {
    return (
      <Text c="dimmed" ta="center" aria-label="none">
        ·
      </Text>
    );
  }
  return (
    <MatrixButton isChosen={isChosen} onClick={onClick}>
      <b>{cell.items}</b>
      <Text size="xs">{formatBytes(cell.bytes)}</Text>
    </MatrixButton>
  );
}

function MatrixButton({ isChosen, onClick, children }: { isChosen: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <UnstyledButton className="matrix-button" aria-pressed={isChosen} onClick={onClick}>
      {children}
    </UnstyledButton>
  );
}
