import { Table, Text } from "@mantine/core";

import type { ScoreColumn, ScoreTable } from "../../api/types";
import { ClassName } from "../../components/class-name";
import { TallTable } from "../../components/tall-table";
import "../../components/heat-table.css";
import type { CellFace } from "./cell-face";

/** What a table of step x column shows. */
export type TableHead = Omit<ScoreTable, "cells">;

interface ScoreHeatTableProps {
  head: TableHead;
  /** Name of the table, for readers who cannot see what stands above it. */
  label: string;
  /** How the cell of a row of `steps` and a column looks. */
  face: (row: number, column: number) => CellFace;
}

/** Scores after every step; classes stand below one another, since there may be many, and all else beside one another. */
export function ScoreHeatTable({ head, label, face }: ScoreHeatTableProps) {
  const isTurned = head.kind === "class";
  const steps = head.steps.map((step) => stepName(head, step));
  const columns = head.columns.map((column) => <Column key={column.key} column={column} />);
  const [across, down] = isTurned ? [steps, columns] : [columns, steps];
  return (
    <TallTable rows={down.length} minWidth={0} isPlain>
      <Table className="heat-table" withColumnBorders aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{isTurned ? "class" : "after"}</Table.Th>
            {across.map((title, place) => (
              <Table.Th key={place} scope="col" ta="center">
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {down.map((title, line) => (
            <Table.Tr key={line}>
              <Table.Th scope="row">{title}</Table.Th>
              {across.map((_, place) => (
                <Cell key={place} {...(isTurned ? face(place, line) : face(line, place))} />
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TallTable>
  );
}

/** "step 2"; in a table of domains with the name of the domain that the step taught. One late step has taught them all. */
export function stepName({ kind, steps, columns }: Pick<TableHead, "kind" | "steps" | "columns">, step: number): string {
  if (kind !== "domain") {
    return `step ${step}`;
  }
  if (steps.length === 1 && step > 0) {
    return "all domains";
  }
  const taught = columns.filter((column) => column.step_learned === step);
  return taught.length === 1 ? `step ${step}, ${taught[0]?.title ?? ""}` : `step ${step}`;
}

function Column({ column: { title, colour, step_learned } }: { column: ScoreColumn }) {
  const learned = typeof step_learned === "number" ? `learned in step ${step_learned}` : undefined;
  return <span title={learned}>{typeof colour === "string" ? <ClassName name={title} colour={colour} /> : title}</span>;
}

function Cell({ text, title, note, background, isDim }: CellFace) {
  return (
    <Table.Td ta="center" {...(title !== "" && { title })} {...(isDim && { c: "dimmed" })} {...(background !== null && { style: { background } })}>
      <Text size="sm" fw={isDim ? 400 : 600}>
        {text}
      </Text>
      {note !== "" && (
        <Text size="xs" className="heat-drop">
          {note}
        </Text>
      )}
    </Table.Td>
  );
}
