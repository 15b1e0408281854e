import { Table, Text } from "@mantine/core";

import type { StepTable } from "../../../api/types";
import { ClassName } from "../../../components/class-name";
import { TallTable } from "../../../components/tall-table";
import { formatPercent } from "../../../lib/format";
import { heatBackground } from "../../../lib/palette";
import { UNDEFINED, UNDEFINED_WHY } from "../../../lib/score-text";
import { MeanRows } from "./mean-rows";
import { useStepNamer } from "./step-title";
import { type ClassCell, type ClassLine, classLines, type ClassOrder } from "./step-order";
import { useStepWord } from "../step-word";
import "../../../components/heat-table.css";

interface StepHeatTableProps {
  table: StepTable;
  order: ClassOrder;
  shade: "value" | "loss";
}

/** One line a class, one column a step; every number is there as text, the shade only guides the eye. */
export function StepHeatTable({ table, order, shade }: StepHeatTableProps) {
  const word = useStepWord();
  const nameOf = useStepNamer();
  const hasClasses = table.classes.length > 0;
  const columns = word === "round" || !hasClasses ? 1 : 2;
  return (
    <TallTable rows={table.classes.length} minWidth={320}>
      <Table className="heat-table" stickyHeader withColumnBorders aria-label={`IoU by class and ${word}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{hasClasses ? "class" : "mean"}</Table.Th>
            {columns > 1 && <Table.Th scope="col">learned in</Table.Th>}
            {table.steps.map((row) => (
              <Table.Th key={row.step} scope="col" ta="center">
                {nameOf(row.step)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {classLines(table, order).map((line) => (
            <ClassRow key={line.label.id} line={line} shade={shade} />
          ))}
        </Table.Tbody>
        <Table.Tfoot>
          <MeanRows table={table} columns={columns} />
        </Table.Tfoot>
      </Table>
    </TallTable>
  );
}

function ClassRow({ line, shade }: { line: ClassLine; shade: "value" | "loss" }) {
  const { name, colour, step_learned } = line.label;
  const word = useStepWord();
  const nameOf = useStepNamer();
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <ClassName name={name} colour={colour} />
      </Table.Th>
      {word !== "round" && <Table.Td c="dimmed">{step_learned === null ? "always" : nameOf(step_learned)}</Table.Td>}
      {line.cells.map((cell, step) => (
        <HeatCell key={step} cell={cell} shade={shade} />
      ))}
    </Table.Tr>
  );
}

function HeatCell({ cell, shade }: { cell: ClassCell; shade: "value" | "loss" }) {
  const word = useStepWord();
  if (cell.isUndefined) {
    return (
      <Table.Td ta="center" c="dimmed" title={`${UNDEFINED_WHY} ${falseText(cell.falseShare)}`}>
        <Text size="sm">{UNDEFINED}</Text>
        {(cell.falseShare ?? 0) > 0 && <Text size="xs">predicted: {formatPercent(cell.falseShare)}</Text>}
      </Table.Td>
    );
  }
  if (cell.iou === null) {
    return (
      <Table.Td ta="center" c="dimmed" aria-label="not known yet">
        ·
      </Table.Td>
    );
  }
  const share = shade === "value" ? cell.iou : (cell.drop ?? 0);
  return (
    <Table.Td ta="center" style={{ background: heatBackground(share, shade) }}>
      <Text size="sm" fw={600}>
        {formatPercent(cell.iou)}
      </Text>
      <Text size="xs" className="heat-drop">
        {dropText(cell.drop, word)}
      </Text>
    </Table.Td>
  );
}

/** Whether an absent class was predicted, which its score cannot say. */
function falseText(share: number | null): string {
  if (share === null) {
    return "";
  }
  return share > 0 ? `It was predicted for ${formatPercent(share)} % of the test pixels.` : "It was not predicted either.";
}

/** The drop with an arrow, so that the direction is no matter of a sign alone. */
function dropText(drop: number | null, word: string): string {
  if (drop === null) {
    return word === "round" ? "first" : "learned";
  }
  const shown = formatPercent(Math.abs(drop));
  return shown === "0.0" ? "= 0.0" : `${drop > 0 ? "▼" : "▲"} ${shown}`;
}
