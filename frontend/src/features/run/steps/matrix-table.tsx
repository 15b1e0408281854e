import { Table } from "@mantine/core";

import type { MatrixColumn, MatrixRow, ScoreMatrix, StepTable } from "../../../api/types";
import { TallTable } from "../../../components/tall-table";
import { formatPercent } from "../../../lib/format";
import { heatBackground } from "../../../lib/palette";
import { UNDEFINED, UNDEFINED_WHY } from "../../../lib/score-text";
import { useStepWord } from "../step-word";
import { cellState } from "./forgetting-measures";
import { type StepNamer, useStepNamer } from "./step-title";
import "../../../components/heat-table.css";

/** R[t, j] as a small heat map: every number is there as text, and what it lost shows on hover. */
export function MatrixTable({ table, matrix }: { table: StepTable; matrix: ScoreMatrix }) {
  const word = useStepWord();
  const nameOf = useStepNamer();
  const parts = matrix.by === "domain" ? "domain" : "class group";
  return (
    <TallTable rows={matrix.rows.length} minWidth={0}>
      <Table className="heat-table group-matrix" withColumnBorders aria-label={`${matrix.metric} by ${word} and ${parts}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">after</Table.Th>
            {matrix.columns.map((column) => (
              <Table.Th key={column.key} scope="col" ta="center" title={columnTitle(table, column, nameOf)}>
                {matrix.by === "domain" ? column.key : `group ${column.step_learned ?? column.key}`}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {matrix.rows.map((row) => (
            <Table.Tr key={row.step}>
              <Table.Th scope="row">{nameOf(row.step)}</Table.Th>
              {matrix.columns.map((column, place) => (
                <MatrixCell key={column.key} row={row} place={place} column={column} isLowBest={matrix.direction === "min"} />
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TallTable>
  );
}

interface MatrixCellProps {
  row: MatrixRow;
  place: number;
  column: MatrixColumn;
  isLowBest: boolean;
}

function MatrixCell({ row, place, column, isLowBest }: MatrixCellProps) {
  const state = cellState(row, place, column.step_learned);
  const value = row.values[place] ?? 0;
  if (state === "undefined") {
    return (
      <Table.Td ta="center" c="dimmed" title={UNDEFINED_WHY}>
        {UNDEFINED}
      </Table.Td>
    );
  }
  if (state !== "value") {
    return (
      <Table.Td ta="center" c="dimmed" aria-label={state === "early" ? "not learned yet" : "not tested"}>
        ·
      </Table.Td>
    );
  }
  return (
    <Table.Td
      ta="center"
      fw={600}
      title={changeText(row, place, column)}
      style={{ background: heatBackground(isLowBest ? 1 - value : value, "value") }}
    >
      {formatPercent(value)}
    </Table.Td>
  );
}

function changeText(row: MatrixRow, place: number, { step_learned }: MatrixColumn): string | undefined {
  const change = row.change[place] ?? null;
  if (change !== null) {
    return `${formatPercent(change)} points since it was learned`;
  }
  return row.step === step_learned ? "learned in this step" : undefined;
}

/** Which classes a group holds, or when a domain was learned. */
function columnTitle(table: StepTable, { class_ids, step_learned }: MatrixColumn, nameOf: StepNamer): string {
  const names = table.classes.filter((label) => class_ids.includes(label.id)).map((label) => label.name);
  return names.length > 0 || step_learned === null ? names.join(", ") : `learned in ${nameOf(step_learned)}`;
}
