import { Switch, Table, Text } from "@mantine/core";

import type { Comparison, Measure, ScoreDifference, Statistic } from "../../api/types";
import { Panel } from "../../components/panel";
import { TallTable } from "../../components/tall-table";
import { useAddressed } from "../../lib/address";
import { shownMeasures } from "./measure-units";
import { MemberName } from "./member-name";
import { reachedText } from "./reached-text";
import { bestPlaces, countText, differenceOf, differenceText, differenceWords, statisticText, verdictOf } from "./statistic-text";

const HAS_ALL = ["main", "all"] as const;

/** One line a member, one column a measure: what a paper's table shows. */
export function SummaryPanel({ comparison }: { comparison: Comparison }) {
  const [measures, show] = useAddressed("measures", "main", HAS_ALL);
  const columns = shownMeasures(comparison.measures, measures === "all");
  const { members, summary, differences, baseline } = comparison;
  const isFinal = members.map(({ reached }) => reached.is_final);
  const best = columns.map(({ measure, place }) => bestPlaces(summary.map((row) => row[place] ?? null), isFinal, measure));
  return (
    <Panel
      title="Results"
      hint="after the last step, scores in percent; of an experiment mean ± sample standard deviation over its seeds. The best of the finished ones is bold."
      actions={
        <Switch label="all measures" checked={measures === "all"} onChange={(event) => show(event.currentTarget.checked ? "all" : "main")} />
      }
    >
      <TallTable rows={members.length} minWidth={0}>
        <Table aria-label="results" className="results-table heat-table">
          <MeasureTitles measures={columns.map(({ measure }) => measure)} />
          <Table.Tbody>
            {members.map((member, row) => (
              <Table.Tr key={member.key}>
                <Table.Th scope="row">
                  <MemberName member={member} />
                  {!member.reached.is_final && (
                    <Text size="xs" c="dimmed" fw={400}>
                      {reachedText(member)}
                    </Text>
                  )}
                </Table.Th>
                {columns.map(({ measure, place }, column) => (
                  <ResultCell
                    key={measure.key}
                    measure={measure}
                    statistic={summary[row]?.[place] ?? null}
                    isBest={best[column]?.has(row) === true}
                    difference={baseline === null || baseline === row ? undefined : (differences?.[row]?.[place] ?? null)}
                  />
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TallTable>
    </Panel>
  );
}

function MeasureTitles({ measures }: { measures: readonly Measure[] }) {
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th scope="col">name</Table.Th>
        {measures.map(({ key, title, meaning, direction }) => (
          <Table.Th key={key} scope="col" ta="right" title={`${meaning}; the ${direction === "max" ? "higher" : "lower"} the better`}>
            {title} {direction === "max" ? "↑" : "↓"}
          </Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  );
}

interface ResultCellProps {
  measure: Measure;
  statistic: Statistic | null;
  isBest: boolean;
  /** Undefined where no difference is asked for, null where there is none. */
  difference: ScoreDifference | null | undefined;
}

function ResultCell({ measure, statistic, isBest, difference }: ResultCellProps) {
  const count = countText(statistic);
  return (
    <Table.Td ta="right">
      <Text size="sm" fw={isBest ? 700 : 400} {...(isBest && { component: "strong" })} span>
        {statisticText(statistic, measure.unit)}
      </Text>
      {count !== "" && (
        <Text size="xs" c="dimmed">
          {count}
        </Text>
      )}
      {difference !== undefined && <DifferenceLine difference={difference} measure={measure} />}
    </Table.Td>
  );
}

function DifferenceLine({ difference, measure: { unit, direction } }: { difference: ScoreDifference | null; measure: Measure }) {
  const shown = differenceOf(difference);
  if (difference === null || shown === null) {
    return null;
  }
  return (
    <Text size="xs" className="difference" data-verdict={verdictOf(shown, unit, direction)} title={differenceWords(difference)}>
      {differenceText(difference, unit)} {difference.mean === null ? "of the means" : `(n = ${difference.n})`}
    </Text>
  );
}
