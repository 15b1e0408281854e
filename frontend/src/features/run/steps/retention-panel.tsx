import { Group, SegmentedControl, Stack, Table, Text } from "@mantine/core";

import type { ScoreMatrix, StepTable } from "../../../api/types";
import { Panel } from "../../../components/panel";
import { useAddressed } from "../../../lib/address";
import { formatPercent } from "../../../lib/format";
import { useStepWord } from "../step-word";
import { measuresOf } from "./forgetting-measures";
import { MatrixTable } from "./matrix-table";
import { useStepNamer } from "./step-title";

interface RetentionPanelProps {
  table: StepTable;
  /** What is kept or forgotten. */
  by: "group" | "domain";
}

const WORDS = {
  group: { title: "Keeping and forgetting", parts: "groups", hint: (word: string) => `by groups of classes: one group is what one ${word} taught` },
  domain: { title: "Scores by domain", parts: "domains", hint: (word: string) => `by the domains that were tested after each ${word}` },
};

/** What the run keeps and what it forgets, in the few numbers of continual learning, and the matrix they come from. */
export function RetentionPanel({ table, by }: RetentionPanelProps) {
  const word = useStepWord();
  const matrices = table.matrices.filter((matrix) => matrix.by === by);
  const metrics = matrices.map((one) => one.metric);
  const [metric, setMetric] = useAddressed(`score-by-${by}`, table.headline.metric, metrics);
  const matrix = matrices.find((one) => one.metric === metric) ?? matrices[0];
  // One domain alone is what the other panels show.
  if (matrix === undefined || (by === "domain" && matrix.columns.length < 2)) {
    return null;
  }
  const { title, parts, hint } = WORDS[by];
  return (
    <Panel
      title={title}
      hint={`in percent, ${hint(word)}; differences in percentage points`}
      actions={
        metrics.length > 1 && (
          <SegmentedControl size="xs" data={metrics} value={matrix.metric} onChange={setMetric} aria-label={`score of the ${parts}`} />
        )
      }
    >
      <Group align="flex-start" gap="xl">
        <MeasureTable matrix={matrix} parts={parts} />
        <Stack gap={4}>
          <Text size="sm" fw={600}>
            R: {matrix.title}
          </Text>
          <MatrixTable table={table} matrix={matrix} />
        </Stack>
      </Group>
    </Panel>
  );
}

function MeasureTable({ matrix, parts }: { matrix: ScoreMatrix; parts: string }) {
  const word = useStepWord();
  const nameOf = useStepNamer();
  return (
    <Table.ScrollContainer minWidth={0} style={{ flex: "1 1 420px" }}>
      <Table className="heat-table" aria-label={`measures of forgetting of ${parts} by ${word}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">measure</Table.Th>
            {matrix.rows.map((row) => (
              <Table.Th key={row.step} scope="col" ta="center">
                {nameOf(row.step)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {measuresOf(parts).map(({ key, symbol, name, meaning }) => (
            <Table.Tr key={key}>
              <Table.Th scope="row" className="measure-name">
                {symbol}, {name}
                <Text size="xs" c="dimmed" fw={400}>
                  {meaning}
                </Text>
              </Table.Th>
              {matrix.rows.map((row) => (
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
