import { Table, Text } from "@mantine/core";

import type { MeanScore, StepTable } from "../../../api/types";
import { formatPercent, NOTHING } from "../../../lib/format";
import { UNDEFINED, UNDEFINED_WHY } from "../../../lib/score-text";

const GROUPS: Record<string, string> = {
  all: "all classes",
  old: "old classes",
  new: "new classes",
  harmonic: "harmonic mean of old and new",
};

/** The foot of the table: every mean by the name of its metric, and what the classes lost on average. */
export function MeanRows({ table, columns }: { table: StepTable; columns: number }) {
  const { steps, means, headline } = table;
  const isPart = table.domain !== null && table.domains.length > 1;
  const hasClasses = table.classes.length > 0;
  const hasOld = means.some(({ group }) => group === "old");
  return (
    <>
      {isPart && (
        <MeanRow
          name={`${headline.title} over all domains`}
          columns={columns}
          cells={steps.map(({ score }) => ({ value: score, isUndefined: score === null }))}
        />
      )}
      {means.map((mean) => (
        <MeanRow
          key={`${mean.metric} ${mean.group}`}
          name={hasClasses ? `${mean.metric}, ${GROUPS[mean.group] ?? mean.group}` : mean.title}
          meaning={hasClasses ? mean.title : mean.metric}
          isExplained={!hasClasses}
          columns={columns}
          cells={cellsOf(mean)}
        />
      ))}
      {hasOld && (
        <MeanRow name="mean forgetting" columns={columns} cells={steps.map(({ forgetting }) => ({ value: forgetting, isUndefined: false }))} />
      )}
    </>
  );
}

interface MeanCell {
  value: number | null;
  isUndefined: boolean;
}

function cellsOf({ values, is_undefined }: MeanScore): MeanCell[] {
  return values.map((value, place) => ({ value, isUndefined: is_undefined[place] === true }));
}

interface MeanRowProps {
  name: string;
  meaning?: string;
  /** What the name means, or the metric's own name; there to read, too, where `isExplained`. */
  isExplained?: boolean;
  columns: number;
  cells: MeanCell[];
}

function MeanRow({ name, meaning, isExplained = false, columns, cells }: MeanRowProps) {
  return (
    <Table.Tr>
      <Table.Th scope="row" colSpan={columns} title={meaning}>
        {name}
        {isExplained && (
          <Text size="xs" c="dimmed" fw={400}>
            {meaning}
          </Text>
        )}
      </Table.Th>
      {cells.map(({ value, isUndefined }, step) => (
        <Table.Td key={step} ta="center" title={isUndefined ? UNDEFINED_WHY : undefined}>
          {isUndefined ? UNDEFINED : value === null ? <Text c="dimmed">{NOTHING}</Text> : formatPercent(value)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
