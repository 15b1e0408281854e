import { Anchor, Table, Text } from "@mantine/core";
import { Link } from "react-router";

import type { ExperimentResults, SeedRun } from "../../../api/types";
import { ColumnTitles } from "../../../components/column-titles";
import { Panel } from "../../../components/panel";
import { StateBadge } from "../../../components/state-badge";
import { TallTable } from "../../../components/tall-table";
import { formatMoment, NOTHING } from "../../../lib/format";
import { scoreText } from "../../../lib/score-text";

/** The runs of an experiment by seed, and which of them the means count. */
export function SeedRuns({ results: { runs, headline } }: { results: ExperimentResults }) {
  return (
    <Panel title="Runs" hint="by seed; the means count one run a seed, once it was tested">
      <TallTable rows={runs.length} minWidth={720}>
        <Table aria-label="runs" className="results-table" highlightOnHover>
          <ColumnTitles titles={["seed", "state", headline.title, "after", "counted", "code version", "created", "finished"]} />
          <Table.Tbody>
            {runs.map((run) => (
              <SeedRunRow key={run.run_id} run={run} />
            ))}
          </Table.Tbody>
        </Table>
      </TallTable>
    </Panel>
  );
}

function SeedRunRow({ run }: { run: SeedRun }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/runs/${run.run_id}`} size="sm" title={run.name}>
          seed {run.seed}
        </Anchor>
      </Table.Td>
      <Table.Td>
        <StateBadge state={run.state} />
      </Table.Td>
      <Table.Td>
        <Text size="sm" fw={600} span>
          {run.step === null ? NOTHING : scoreText(run.score)}
        </Text>
      </Table.Td>
      <Table.Td>{run.step === null ? "not tested yet" : `step ${run.step}${run.state === "succeeded" ? "" : ", not finished"}`}</Table.Td>
      <Table.Td>{run.is_counted ? "yes" : run.note || "no"}</Table.Td>
      <Table.Td className="setting">{run.code_versions.join(", ") || NOTHING}</Table.Td>
      <Table.Td>{formatMoment(run.created_at)}</Table.Td>
      <Table.Td>{formatMoment(run.finished_at)}</Table.Td>
    </Table.Tr>
  );
}
