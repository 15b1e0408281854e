import { Table, Text, UnstyledButton } from "@mantine/core";

import type { MemoryMatrix } from "../../api/types";
import { ClassName } from "../../components/class-name";
import { Icon } from "../../components/icon";
import { Panel } from "../../components/panel";
import { TallTable } from "../../components/tall-table";
import { formatBytes } from "../../lib/format";
import { heatBackground } from "../../lib/palette";
import { type MatrixCell, matrixLines } from "./memory-matrix";
import type { MemoryView } from "./use-memory-view";

/** Class x stage with counts and bytes; a cell narrows the grid to its class and snapshot. */
export function ClassMatrix({ matrix, view }: { matrix: MemoryMatrix; view: MemoryView }) {
  const lines = matrixLines(matrix);
  const most = Math.max(1, ...lines.flatMap((line) => line.cells.map((cell) => cell?.items ?? 0)));
  return (
    <Panel
      title="Classes and stages"
      hint="instances and bytes in the memory after each stage; click a cell to see its instances, or a stage to see all of them"
    >
      <TallTable rows={lines.length} minWidth={300}>
        <Table className="class-matrix" withColumnBorders stickyHeader aria-label="stored instances by class and stage">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>class</Table.Th>
              {matrix.snapshots.map((snapshot) => (
                <Table.Th key={snapshot.stage_id} p={0}>
                  <MatrixButton
                    isChosen={view.stageId === snapshot.stage_id && view.filters.classId === null}
                    onClick={() => view.show(snapshot.stage_id, null)}
                  >
                    <b>after stage {snapshot.stage_index}</b>
                    <Text size="xs">
                      {snapshot.items}, {formatBytes(snapshot.bytes)}
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
                  const stageId = matrix.snapshots[place]?.stage_id ?? "";
                  return (
                    <Table.Td key={stageId} p={0} style={{ background: heatBackground((cell?.items ?? 0) / most, "value") }}>
                      <CellFace
                        cell={cell}
                        isChosen={view.stageId === stageId && view.filters.classId === line.id}
                        onClick={() => view.show(stageId, line.id)}
                      />
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TallTable>
    </Panel>
  );
}

function CellFace({ cell, isChosen, onClick }: { cell: MatrixCell | null; isChosen: boolean; onClick: () => void }) {
  if (cell === null) {
    return (
      <Text c="dimmed" ta="center" role="img" aria-label="not seen yet" title="not seen yet">
        ·
      </Text>
    );
  }
  if (cell.isMissing) {
    return (
      <div className="matrix-missing">
        <Icon name="failed" size={14} /> none
      </div>
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
