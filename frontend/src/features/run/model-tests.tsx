import { Anchor, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { modelTestsQuery } from "../../api/queries";
import type { ModelTestRun, StageSummary } from "../../api/types";
import { Panel } from "../../components/panel";
import { StateBadge } from "../../components/state-badge";
import { formatMoment, formatPercent, NOTHING } from "../../lib/format";

/** The model that a run tests, with a link to the run that trained it. */
export function TestedModel({ runId }: { runId: string }) {
  const tested = useQuery(modelTestsQuery(runId)).data?.tested ?? null;
  return tested === null ? null : (
    <Text size="sm">
      Tests the model of {tested.stage_name} of{" "}
      <Anchor component={Link} to={`/runs/${tested.run_id}`} size="sm">
        {tested.experiment_name}, seed {tested.seed}
      </Anchor>
      .
    </Text>
  );
}

/** Runs that test the models of this one on other data; nothing while there are none. */
export function ModelTests({ runId, stages }: { runId: string; stages: readonly StageSummary[] }) {
  const items = useQuery(modelTestsQuery(runId)).data?.items ?? [];
  const nameOf = (test: ModelTestRun) => stages.find(({ id }) => id === test.stage_id)?.name ?? NOTHING;
  return items.length === 0 ? null : (
    <Panel title="Tests on other data" hint="of this run's models, newest first">
      <Table aria-label="tests on other data">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>model of</Table.Th>
            <Table.Th>tested</Table.Th>
            <Table.Th>state</Table.Th>
            <Table.Th>score, %</Table.Th>
            <Table.Th>created</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((test) => (
            <Table.Tr key={test.run_id}>
              <Table.Td>{nameOf(test)}</Table.Td>
              <Table.Td>
                <Anchor component={Link} to={`/runs/${test.run_id}`} size="sm" title={test.experiment_name}>
                  {test.stream}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <StateBadge state={test.state} />
              </Table.Td>
              <Table.Td>{test.score === null ? NOTHING : `${formatPercent(test.score)} ${test.score_name}`}</Table.Td>
              <Table.Td>{formatMoment(test.created_at)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
