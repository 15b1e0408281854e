import { Anchor, Breadcrumbs, Skeleton, Stack, Title } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { runQuery } from "../../api/queries";
import { ENDED_STATES, type MemoryPage as MemoryAnswer, type RunDetail } from "../../api/types";
import { EmptyState } from "../../components/empty-state";
import { Problem } from "../../components/problem";
import { QueryFace } from "../../components/query-face";
import { useTitle } from "../../lib/use-title";
import { ClassMatrix } from "./class-matrix";
import { MemoryGrid } from "./memory-grid";
import { MemoryItemDialog } from "./memory-item";
import { memoryBalanceQuery } from "./memory-queries";
import { useMemoryView } from "./use-memory-view";

/** The replay memory of a run, as it stood after each stage. */
export function MemoryPage() {
  const { runId = "" } = useParams();
  const run = useQuery({ ...runQuery(runId), refetchInterval: (query) => (isOver(query.state.data) ? false : 5000) });
  useTitle(`Memory of ${run.data?.experiment_name ?? "a run"}`);
  return (
    <Stack gap="md">
      <Breadcrumbs separator="›" fz="sm">
        <Anchor component={Link} to="/runs" size="sm">
          Runs
        </Anchor>
        <Anchor component={Link} to={`/runs/${runId}`} size="sm">
          {run.data === undefined ? "run" : `${run.data.experiment_name}, seed ${run.data.seed}`}
        </Anchor>
      </Breadcrumbs>
      <Title order={1} size="h3">
        Replay memory
      </Title>
      <QueryFace query={run}>{(detail) => <MemoryOfRun run={detail} />}</QueryFace>
    </Stack>
  );
}

function MemoryOfRun({ run }: { run: RunDetail }) {
  const ended = run.stages.filter((stage) => stage.state === "succeeded");
  const { answers, isPending, error, retry } = useQueries({
    queries: ended.map((stage) => memoryBalanceQuery(run.id, stage.id)),
    combine: combineAnswers,
  });
  const snapshots = ended.flatMap((stage, place) => {
    const balance = answers[place];
    return balance !== undefined && balance.total_items > 0 ? [{ stage, balance }] : [];
  });
  const view = useMemoryView(snapshots.at(-1)?.stage.id ?? null);
  if (error !== null) {
    return <Problem error={error} onRetry={retry} />;
  }
  if (isPending && ended.length > 0) {
    return <Skeleton height={320} aria-busy="true" aria-label="loading" />;
  }
  if (snapshots.length === 0 || view.stageId === null) {
    return (
      <EmptyState title="The memory is empty">
        {isOver(run)
          ? "This run stored no instance: its method keeps none, or memory.size is 0."
          : "The first instances are chosen at the end of the first stage; this page shows them as soon as they are there."}
      </EmptyState>
    );
  }
  return (
    <>
      <ClassMatrix snapshots={snapshots} view={view} />
      <MemoryGrid
        key={`${view.stageId} ${String(view.classId)}`}
        runId={run.id}
        stageId={view.stageId}
        classId={view.classId}
        onOpen={view.open}
      />
      {view.itemId !== null && <MemoryItemDialog key={view.itemId} itemId={view.itemId} run={run} view={view} />}
    </>
  );
}

function combineAnswers(
  results: { data: MemoryAnswer | undefined; isPending: boolean; error: Error | null; refetch: () => unknown }[],
) {
  return {
    answers: results.map((result) => result.data),
    isPending: results.some((result) => result.isPending),
    error: results.find((result) => result.error !== null)?.error ?? null,
    retry: () => results.forEach((result) => void result.refetch()),
  };
}

function isOver(run: RunDetail | undefined): boolean {
  return run !== undefined && ENDED_STATES.has(run.state);
}
