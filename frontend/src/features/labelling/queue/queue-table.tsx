import { Anchor, Button, Table, Text } from "@mantine/core";
import { Link } from "react-router";

import { useMayResearch } from "../../../api/session";
import type { WaitingRound } from "../../../api/types";
import { ColumnTitles } from "../../../components/column-titles";
import { formatMoment, formatNumber, formatValue } from "../../../lib/format";
import { budgetText } from "../../../lib/budget";
import { countsText } from "../queries/query-words";
import { doneShare } from "../queries/round-progress";

const TITLES = ["run", "round", "progress", "budget", "labels an hour", "waiting since", ""];

/** One line a round, with how far it is. */
export function QueueTable({ rounds }: { rounds: readonly WaitingRound[] }) {
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table fz="sm" highlightOnHover aria-label="rounds that wait for labels">
        <ColumnTitles titles={TITLES} />
        <Table.Tbody>
          {rounds.map((round) => (
            <QueueRow key={round.stage_id} round={round} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function QueueRow({ round }: { round: WaitingRound }) {
  const mayResearch = useMayResearch();
  const percent = Math.round(doneShare(round.counts) * 100);
  return (
    <Table.Tr>
      <Table.Td>
        {mayResearch ? (
          <Anchor component={Link} to={`/runs/${round.run_id}?round=${round.round}`} size="sm" className="break-words">
            {round.experiment_name}
          </Anchor>
        ) : (
          <Text size="sm" className="break-words">
            {round.experiment_name}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          method {round.method}, images chosen by {round.acquisition}
        </Text>
      </Table.Td>
      <Table.Td>{formatNumber(round.round)}</Table.Td>
      <Table.Td miw={170}>
        <div
          className="progress-bar"
          role="progressbar"
          aria-label={`${percent} % answered`}
          aria-valuenow={percent}
          style={{ "--done": `${percent}%` } as React.CSSProperties}
        />
        <Text size="xs" c="dimmed">
          {countsText(round.counts)}
        </Text>
      </Table.Td>
      <Table.Td>{budgetText(round.budget, round.unit)}</Table.Td>
      <Table.Td>{formatValue(round.labels_per_hour)}</Table.Td>
      <Table.Td>
        {formatMoment(round.waiting_since)}
        {round.deadline !== null && (
          <Text size="xs" c="dimmed">
            until {formatMoment(round.deadline)}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right">
        <Button component={Link} to={`/labelling/${round.stage_id}`} size="xs" aria-label={`label round ${round.round} of ${round.experiment_name}`}>
          Label
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
