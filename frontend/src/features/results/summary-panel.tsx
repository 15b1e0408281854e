import { Group, Switch, Table, Text } from "@mantine/core";

import type { Comparison, Measure, ReferenceRow, ScoreDifference, Statistic } from "../../api/types";
import { Panel } from "../../components/panel";
import { TallTable } from "../../components/tall-table";
import { useAddressed } from "../../lib/address";
import type { CompareAddress } from "./compare-address";
import { shownMeasures } from "./measure-units";
import { MemberName } from "./member-name";
import { ROLES } from "./reference-words";
import { reachedText } from "./reached-text";
import { bestPlaces, countText, differenceOf, differenceText, differenceWords, gapText, statisticText, verdictOf } from "./statistic-text";
import { TableExport } from "./table-export";

const HAS_ALL = ["main", "all"] as const;

/** One line a member, one column a measure: what a paper's table shows. */
export function SummaryPanel({ comparison, address }: { comparison: Comparison; address: CompareAddress }) {
  const [measures, show] = useAddressed("measures", "main", HAS_ALL);
  const columns = shownMeasures(comparison.measures, measures === "all");
  const { members, summary, differences, baseline, references } = comparison;
  const isFinal = members.map(({ reached }) => reached.is_final);
  const best = columns.map(({ measure, place }) => bestPlaces(summary.map((row) => row[place] ?? null), isFinal, measure));
  return (
    <Panel
      title="Results"
      hint="after the last step, scores in percent; of an experiment mean ± sample standard deviation over its seeds. The best of the finished ones is bold."
      actions={
        <Group>
          <TableExport of={address} table="summary" name="results" columns={columns.map(({ measure }) => measure.key)} />
          <Switch label="all measures" checked={measures === "all"} onChange={(event) => show(event.currentTarget.checked ? "all" : "main")} />
        </Group>
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
                    gaps={references.map(({ role, gaps }) => ({ role, gap: gaps[row]?.[place] ?? null }))}
                  />
                ))}
              </Table.Tr>
            ))}
            {references.map((reference) => (
              <ReferenceLine key={reference.role} reference={reference} columns={columns} />
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
  /** To each reference of the stream; null for none. */
  gaps: readonly { role: ReferenceRow["role"]; gap: number | null }[];
}

/** A bound of the stream below the members; it is never the best. */
function ReferenceLine({ reference, columns }: { reference: ReferenceRow; columns: readonly { measure: Measure; place: number }[] }) {
  const { role, name, digest, reached, summary } = reference;
  return (
    <Table.Tr c="dimmed">
      <Table.Th scope="row">
        <MemberName member={{ kind: "experiment", key: digest, label: name }} />
        <Text size="xs" fw={400}>
          reference: {ROLES[role]}
          {!reached.is_final && `, ${reachedText({ reached })}`}
        </Text>
      </Table.Th>
      {columns.map(({ measure, place }) => (
        <ResultCell key={measure.key} measure={measure} statistic={summary[place] ?? null} isBest={false} difference={undefined} gaps={[]} />
      ))}
    </Table.Tr>
  );
}

function ResultCell({ measure, statistic, isBest, difference, gaps }: ResultCellProps) {
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
      {gaps.map(
        ({ role, gap }) =>
          gap !== null && (
            <Text key={role} size="xs" c="dimmed">
              {gapText(gap, measure.unit)} to {ROLES[role]}
            </Text>
          ),
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
