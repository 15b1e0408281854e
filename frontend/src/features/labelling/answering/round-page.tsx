import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useParams } from "react-router";

import { isMissing } from "../../../api/api-error";
import { useMayResearch } from "../../../api/session";
import type { StageDetail } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { NoSuch } from "../../../components/no-such";
import { QueryFace } from "../../../components/query-face";
import { StateBadge } from "../../../components/state-badge";
import { LOOKS } from "../../../components/state-looks";
import { budgetText } from "../../../lib/budget";
import { ruleText } from "../queries/query-words";
import { formatPercent } from "../../../lib/format";
import { useTitle } from "../../../lib/use-title";
import { AnsweringPanel } from "./answering-panel";
import { RoundTabs } from "./round-tabs";
import "../labelling.css";
import { labelStageQuery } from "../labelling-queries";
import { useRoundName } from "./use-round-name";

const ASK_AGAIN_MS = 15_000;

/** The plain page of one round: its queries are leased and answered one by one. */
export function RoundPage() {
  const { stageId = "" } = useParams();
  const stage = useQuery({ ...labelStageQuery(stageId), refetchInterval: ({ state }) => !isMissing(state.error) && ASK_AGAIN_MS });
  useTitle(stage.data === undefined ? "Labelling" : null);
  return (
    <QueryFace query={stage} height={420} missing={<NoSuch noun="round" id={stageId} />}>
      {(found) => <RoundOfStage key={found.id} stage={found} />}
    </QueryFace>
  );
}

function RoundOfStage({ stage }: { stage: StageDetail }) {
  const mayResearch = useMayResearch();
  const { name, title, index, round, headline } = useRoundName(stage);
  const teacherScore = round?.score == null || headline === undefined ? null : `${formatPercent(round.score)} % ${headline.title}`;
  useTitle(`${title}, ${LOOKS[stage.state].text}`);
  const isWaiting = stage.state === "waiting_annotation";
  return (
    <Stack gap="md">
      <Breadcrumbs separator="›" fz="sm">
        <Anchor component={Link} to="/labelling" size="sm">
          Labelling
        </Anchor>
        {mayResearch ? <ToRun stage={stage} round={index}>{name}</ToRun> : <Text size="sm">{name}</Text>}
      </Breadcrumbs>
      <Group gap="sm">
        <Title order={1} size="h3" className="break-words">
          {title}
        </Title>
        <StateBadge state={stage.state} reason={stage.reason} message={stage.message} size="lg" />
        {round?.batch != null && (
          <Text size="sm" c="dimmed">
            {budgetText(round.batch.budget, round.batch.unit)}, chosen by {round.batch.acquisition}
            {isWaiting && `; ${ruleText(round.batch)}`}
          </Text>
        )}
      </Group>
      <RoundTabs stage={stage}>
        {isWaiting ? <AnsweringPanel stage={stage} teacherScore={teacherScore} /> : <NoAnswers stage={stage} round={index} />}
      </RoundTabs>
    </Stack>
  );
}

function ToRun({ stage, round, children }: { stage: StageDetail; round: number | undefined; children: ReactNode }) {
  return (
    <Anchor component={Link} to={`/runs/${stage.run_id}${round === undefined ? "" : `?round=${round}`}`} size="sm">
      {children}
    </Anchor>
  );
}

function NoAnswers({ stage, round }: { stage: StageDetail; round: number | undefined }) {
  const mayResearch = useMayResearch();
  const isOver = stage.state === "succeeded";
  return (
    <EmptyState title={isOver ? "This round is closed" : "This round takes no answers"}>
      {stage.kind === "label"
        ? isOver
          ? "Its answers are frozen, and the next training learns from them. "
          : "People answer it once its queries are chosen, and until it is closed or handed to the oracle. "
        : "This stage has no queries. "}
      {mayResearch && (
        <>
          <ToRun stage={stage} round={round}>
            To its run
          </ToRun>
          {", or "}
        </>
      )}
      <Anchor component={Link} to="/labelling" size="sm">
        {mayResearch ? "to" : "To"} the rounds that wait
      </Anchor>
    </EmptyState>
  );
}
