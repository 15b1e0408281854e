import { Anchor, Button, Table, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { api, unwrap } from "../../api/client";
import type { RunGroup } from "../../api/types";
import { ColumnTitles } from "../../components/column-titles";
import { QueryFace } from "../../components/query-face";
import { TallTable } from "../../components/tall-table";
import { formatPercent, NOTHING } from "../../lib/format";
import { UNDEFINED } from "../../lib/score-text";
import { narrowingOf, type RunFilters, type RunGroupBy } from "./run-filters";

const REFRESH_MS = 5000;
type Score = RunGroup["scores"][number];

interface RunGroupTableProps {
  filters: RunFilters;
  by: RunGroupBy;
  onChange: (change: Partial<RunFilters>) => void;
}

/** The runs of the list in groups, with the headline score of each as mean ± deviation over the finished ones. */
export function RunGroupTable({ filters, by, onChange }: RunGroupTableProps) {
  const narrowing = narrowingOf(filters);
  const query = useQuery({
    queryKey: ["runs", "groups", by, narrowing],
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/groups", { params: { query: { ...narrowing, by } }, signal })),
  });
  return (
    <QueryFace query={query} height={320}>
      {({ items, total }) => (
        <>
          <TallTable rows={items.length} minWidth={640}>
            <Table aria-label={`runs by ${by}`} highlightOnHover>
              <ColumnTitles titles={[by, "runs", "states", "score: mean ± std (n) of those that succeeded"]} />
              <Table.Tbody>
                {items.map((group) => (
                  <Table.Tr key={group.key}>
                    <Table.Td>
                      <GroupName group={group} by={by} filters={filters} onChange={onChange} />
                    </Table.Td>
                    <Table.Td>{group.runs}</Table.Td>
                    <Table.Td>{statesText(group.states)}</Table.Td>
                    <Table.Td>{group.scores.length === 0 ? NOTHING : group.scores.map((score) => <div key={score.name}>{scoreWords(score)}</div>)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TallTable>
          {total > items.length && (
            <Text size="xs" c="dimmed">
              The {items.length} largest of {total} groups; narrow the list to see others.
            </Text>
          )}
        </>
      )}
    </QueryFace>
  );
}

/** Leads to the page of an experiment, or narrows the list to the runs of a group. */
function GroupName({ group, by, filters, onChange }: { group: RunGroup } & RunGroupTableProps) {
  if (by === "experiment") {
    return (
      <Anchor component={Link} to={`/experiments/${group.key}`} size="sm" title={group.key}>
        <bdi>{group.title}</bdi>
      </Anchor>
    );
  }
  const narrowed = { method: { method: group.key }, dataset: { dataset: group.key }, tag: { tags: [...new Set([...filters.tags, group.key])] } }[by];
  return (
    <Button size="compact-sm" variant="subtle" onClick={() => onChange({ ...narrowed, group: null })} title={`the runs of ${group.title}`}>
      <bdi>{group.title}</bdi>
    </Button>
  );
}

function statesText(states: RunGroup["states"]): string {
  return Object.entries(states)
    .map(([state, count]) => `${count} ${state}`)
    .join(", ");
}

/** A score in words: "mIoU 61.2 ± 0.4 (n = 3), undefined in 1 of 4". */
function scoreWords({ name, mean, std, n, undefined: missing }: Score): string {
  const value = mean === null ? UNDEFINED : `${formatPercent(mean)}${std === null ? "" : ` ± ${formatPercent(std)}`} (n = ${n})`;
  return `${name} ${value}${missing > 0 ? `, undefined in ${missing} of ${n + missing}` : ""}`;
}
