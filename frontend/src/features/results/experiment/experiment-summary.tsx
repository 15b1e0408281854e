import { Group, Switch, Table, Text } from "@mantine/core";

import type { ExperimentResults, Measure, Statistic } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { Panel } from "../../../components/panel";
import { TallTable } from "../../../components/tall-table";
import { useAddressed } from "../../../lib/address";
import { shownMeasures } from "../measure-units";
import { ROLES } from "../reference-words";
import { reachedText } from "../reached-text";
import { countText, gapText, statisticText, valueText } from "../statistic-text";
import { TableExport } from "../table-export";

const HAS_ALL = ["main", "all"] as const;

/** One line a measure: mean ± deviation over the seeds, the value of each seed, and the gaps to the stream's references. */
export function ExperimentSummary({ results }: { results: ExperimentResults }) {
  const [shown, show] = useAddressed("measures", "main", HAS_ALL);
  const rows = shownMeasures(results.measures, shown === "all");
  const { references, summary, summary_seeds: seeds } = results;
  if (seeds.length === 0) {
    return (
      <Panel title="Results">
        <EmptyState title="Nothing tested yet">The first scores come with the end of the first step of a run.</EmptyState>
      </Panel>
    );
  }
  return (
    <Panel
      title="Results"
      hint={`${reachedText(results)}; scores in percent, as mean ± sample standard deviation over the seeds`}
      actions={
        <Group>
          <TableExport of={{ experiment: results.digest }} table="summary" name="results" columns={rows.map(({ measure }) => measure.key)} />
          <Switch label="all measures" checked={shown === "all"} onChange={(event) => show(event.currentTarget.checked ? "all" : "main")} />
        </Group>
      }
    >
      <TallTable rows={rows.length} minWidth={0} isPlain>
        <Table aria-label="results" className="results-table heat-table">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">measure</Table.Th>
              <Table.Th scope="col" ta="right">
                mean ± std (n)
              </Table.Th>
              {seeds.map((seed) => (
                <Table.Th key={seed} scope="col" ta="right">
                  seed {seed}
                </Table.Th>
              ))}
              {references.map(({ role, name }) => (
                <Table.Th key={role} scope="col" ta="right" title={name}>
                  gap to {ROLES[role]}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ measure, place }) => (
              <MeasureRow
                key={measure.key}
                measure={measure}
                statistic={summary[place] ?? null}
                gaps={references.map(({ gaps }) => gaps[0]?.[place] ?? null)}
                seeds={seeds}
              />
            ))}
          </Table.Tbody>
        </Table>
      </TallTable>
    </Panel>
  );
}

interface MeasureRowProps {
  measure: Measure;
  statistic: Statistic | null;
  gaps: readonly (number | null)[];
  seeds: readonly number[];
}

function MeasureRow({ measure: { title, meaning, unit, direction }, statistic, gaps, seeds }: MeasureRowProps) {
  const count = countText(statistic);
  return (
    <Table.Tr>
      <Table.Th scope="row" title={`${meaning}; the ${direction === "max" ? "higher" : "lower"} the better`}>
        {title} {direction === "max" ? "↑" : "↓"}
        <Text size="xs" c="dimmed" fw={400}>
          {meaning}
        </Text>
      </Table.Th>
      <Table.Td ta="right">
        <Text size="sm" fw={600} span>
          {statisticText(statistic, unit)}
        </Text>
        {count !== "" && (
          <Text size="xs" c="dimmed">
            {count}
          </Text>
        )}
      </Table.Td>
      {seeds.map((seed, place) => {
        const value = statistic?.values?.[place] ?? null;
        return (
          <Table.Td key={seed} ta="right" {...(value === null && { c: "dimmed" })}>
            {value === null ? "–" : valueText(value, unit)}
          </Table.Td>
        );
      })}
      {gaps.map((gap, place) => (
        <Table.Td key={place} ta="right">
          {gapText(gap, unit)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}
