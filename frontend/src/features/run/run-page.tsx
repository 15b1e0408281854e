import { Skeleton, Stack, Tabs } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";

import { isMissing } from "../../api/api-error";
import { experimentQuery, runQuery } from "../../api/queries";
import { ENDED_STATES, type RunDetail } from "../../api/types";
import { EmptyState } from "../../components/empty-state";
import { NoSuch } from "../../components/no-such";
import { Problem } from "../../components/problem";
import { useAddressed } from "../../lib/address";
import { LOOKS } from "../../components/state-looks";
import { useKeys } from "../../lib/keys";
import { keepsMemory } from "../../lib/replay-memory";
import { useTitle } from "../../lib/use-title";
import { ArtifactList } from "./artifact-list";
import { CollapseNotice } from "./collapse/collapse-notice";
import { ConfigView } from "./config-view";
import { CurvePanel } from "./curves/curve-panel";
import { FailurePanel } from "./stages/failure-panel";
import { LogView } from "./log/log-view";
import { possibleActions } from "../../components/run/possible-actions";
import { MemoryNotice } from "./memory-notice";
import { ModelTests } from "./model-tests";
import { PredictionPanel } from "./predictions/prediction-panel";
import { RunHeader } from "./run-header";
import { RunVerbDialog } from "../../components/run/run-verb-dialog";
import { RetentionPanel } from "./steps/retention-panel";
import { ScoreCurves } from "./steps/score-curves";
import { stageClasses } from "./stages/stage-classes";
import { StageTimeline } from "./stages/stage-timeline";
import { StepTablePanel } from "./steps/step-table-panel";
import { stepTableQuery } from "./steps/step-table-query";
import { StepNamerContext, stepTitle } from "./steps/step-title";
import { StepWordContext, stepWordOf, useStepWord } from "./step-word";
import { useRunAction } from "./use-run-action";
import { useRunFeed } from "./feed/use-run-feed";
import type { LiveData } from "./feed/live-data";

const TABS = ["overview", "log", "config", "artifacts"] as const;
type Tab = (typeof TABS)[number];

interface RunPageProps {
  /** Draws the rounds of a run that asks for labels. */
  roundsOf?: (runId: string) => ReactNode;
}

/** One run, live. */
export function RunPage({ roundsOf = () => null }: RunPageProps) {
  const { runId = "" } = useParams();
  const query = useQuery({ ...runQuery(runId), refetchInterval: askAgainAfter });
  const { live, status } = useRunFeed(runId, isMissing(query.error) ? undefined : query.data);
  useTitle(query.data === undefined ? "Run" : runTitle(query.data));
  if (query.data !== undefined && isMissing(query.error)) {
    return <DeletedRun />;
  }
  if (isMissing(query.error)) {
    return <NoSuch noun="run" id={runId} />;
  }
  if (query.error !== null && query.data === undefined) {
    return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (query.data === undefined) {
    return (
      <Stack role="group" aria-busy="true" aria-label="loading">
        <Skeleton height={90} />
        <Skeleton height={110} />
        <Skeleton height={320} />
      </Stack>
    );
  }
  const shown = ENDED_STATES.has(query.data.state) ? null : status;
  return (
    <StepWordContext value={stepWordOf(query.data)}>
      <RunView key={runId} run={query.data} live={live} status={shown} roundsOf={roundsOf} />
    </StepWordContext>
  );
}

interface RunViewProps extends Required<RunPageProps> {
  run: RunDetail;
  live: LiveData;
  status: Parameters<typeof RunHeader>[0]["status"];
}

function RunView({ run, live, status, roundsOf }: RunViewProps) {
  const [tab, show] = useAddressed("tab", "overview", TABS);
  const experiment = useQuery(experimentQuery(run.experiment_id));
  const cancel = useCancelQuestion(run);
  const hasMemory = experiment.data !== undefined && keepsMemory(experiment.data);
  useRunKeys(run, { hasMemory, onCancel: cancel.ask });
  return (
    <Stack gap="md">
      <RunHeader run={run} status={status} hasMemory={hasMemory} onCancel={cancel.ask} />
      {run.state === "failed" && <FailurePanel run={run} />}
      {hasMemory && <MemoryNotice runId={run.id} />}
      <StageTimeline stages={run.stages} classesOf={(stage) => stageClasses(experiment.data, stage)} />
      <Tabs value={tab} onChange={(chosen) => show((chosen ?? "overview") as Tab)} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="overview">Learning</Tabs.Tab>
          <Tabs.Tab value="log">Log</Tabs.Tab>
          <Tabs.Tab value="config">Config ({run.deviations.length} deviations)</Tabs.Tab>
          <Tabs.Tab value="artifacts">Artifacts</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview run={run} live={live} roundsOf={roundsOf} />
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <LogView run={run} live={live} />
        </Tabs.Panel>
        <Tabs.Panel value="config">
          <ConfigView run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="artifacts">
          <ArtifactList run={run} />
        </Tabs.Panel>
      </Tabs>
      <RunVerbDialog asked={cancel.asked} onConfirm={cancel.confirm} onClose={cancel.close} />
    </Stack>
  );
}

function Overview({ run, live, roundsOf }: Omit<RunViewProps, "status">) {
  const [params] = useSearchParams();
  const table = useQuery({ ...stepTableQuery(run.id, params.get("domain")), placeholderData: keepPreviousData });
  const word = useStepWord();
  const hasSteps = word !== "round";
  const tested = table.data !== undefined && table.data.steps.length > 0 ? table.data : null;
  const nameOf = useCallback((step: number) => stepTitle(tested ?? UNTESTED, word, step), [tested, word]);
  return (
    <StepNamerContext value={nameOf}>
      <Stack gap="md">
        {!hasSteps && roundsOf(run.id)}
        {tested !== null && <CollapseNotice table={tested} />}
        <StepTablePanel query={table} />
        {hasSteps && tested !== null && <RetentionPanel table={tested} by="group" />}
        {tested !== null && <RetentionPanel table={tested} by="domain" />}
        <PredictionPanel runId={run.id} />
        <ModelTests runId={run.id} stages={run.stages} />
        {tested !== null && <ScoreCurves table={tested} steps={run.stages.length} />}
        <CurvePanel run={run} live={live} headline={table.data?.headline.metric ?? null} />
      </Stack>
    </StepNamerContext>
  );
}

/** Before the first test no domain is known by name. */
const UNTESTED = { domains: [], steps: [] };

/** What tells this run's tab from those of its siblings. */
function runTitle(run: RunDetail): string {
  return `${run.experiment_name}, seed ${run.seed}, ${LOOKS[run.state].text}`;
}

function useRunKeys(run: RunDetail, { hasMemory, onCancel }: { hasMemory: boolean; onCancel: () => void }): void {
  const navigate = useNavigate();
  const action = useRunAction(run.id);
  const { canCancel, canPause, canResume } = possibleActions(run);
  useKeys({
    c: () => canCancel && onCancel(),
    p: () => canPause && action.mutate("pause"),
    e: () => canResume && action.mutate("resume"),
    "shift+c": () => void navigate(`/launch?clone=${run.experiment_id}`),
    m: () => hasMemory && void navigate(`/runs/${run.id}/memory`),
  });
}

/** Cancelling takes work from people and machines: it is asked for twice. */
function useCancelQuestion(run: RunDetail) {
  const action = useRunAction(run.id);
  const [isAsking, question] = useDisclosure();
  // What ends or is cancelled elsewhere meanwhile is no question any more.
  const asked = isAsking && possibleActions(run).canCancel ? { verb: "cancel" as const, runs: [run] } : null;
  const confirm = () => {
    question.close();
    action.mutate("cancel");
  };
  return { asked, ask: question.open, close: question.close, confirm };
}

function DeletedRun() {
  return (
    <EmptyState title="This run was deleted">
      It was deleted while this page was open. <Link to="/runs">All runs</Link>
    </EmptyState>
  );
}

const OFTEN_MS = 5000;
const SELDOM_MS = 30_000;

/** The feed brings what changes; the rest is asked for: often while it is not known yet when the run will end. */
function askAgainAfter({ state: { data, error } }: { state: { data: RunDetail | undefined; error: Error | null } }) {
  if (isMissing(error)) {
    return false;
  }
  return data?.state === "running" && data.seconds_left === null ? OFTEN_MS : SELDOM_MS;
}
