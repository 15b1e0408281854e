import { Anchor, Breadcrumbs, SimpleGrid, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { isMissing } from "../../api/api-error";
import { experimentQuery, memoryMatrixQuery, runQuery } from "../../api/queries";
import { ENDED_STATES, type MemoryMatrix, type MemorySnapshot, type RunDetail } from "../../api/types";
import { EmptyState } from "../../components/empty-state";
import { MemoryWarnings } from "../../components/memory-warnings";
import { NoSuch } from "../../components/no-such";
import { Panel } from "../../components/panel";
import { QueryFace } from "../../components/query-face";
import { LOOKS } from "../../components/state-looks";
import { keepsMemory } from "../../lib/replay-memory";
import { useTitle } from "../../lib/use-title";
import { BalancePanel } from "./balance-panel";
import { ClassMatrix } from "./class-matrix";
import { MemoryFilterBar } from "./memory-filter-bar";
import { MemoryGrid } from "./memory-grid";
import { MemoryItemDialog } from "./memory-item";
import { useMemoryView } from "./use-memory-view";
import "./memory-page.css";

const ASK_AGAIN_MS = 5000;

/** The replay memory of a run, as it stood after each stage. */
export function MemoryPage() {
  const { runId = "" } = useParams();
  const run = useQuery({
    ...runQuery(runId),
    refetchInterval: ({ state }) => (isOver(state.data) || isMissing(state.error) ? false : ASK_AGAIN_MS),
  });
  useTitle(run.data === undefined ? "Memory" : null);
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
      <QueryFace query={run} missing={<NoSuch noun="run" id={runId} />}>
        {(detail) => <MemoryOfRun run={detail} />}
      </QueryFace>
    </Stack>
  );
}

function MemoryOfRun({ run }: { run: RunDetail }) {
  const matrix = useQuery({ ...memoryMatrixQuery(run.id), refetchInterval: isOver(run) ? false : ASK_AGAIN_MS });
  return (
    <QueryFace query={matrix} height={320}>
      {(found) => <Snapshots run={run} matrix={found} />}
    </QueryFace>
  );
}

function Snapshots({ run, matrix }: { run: RunDetail; matrix: MemoryMatrix }) {
  const view = useMemoryView(matrix.snapshots.at(-1)?.stage_id ?? null);
  const snapshot = matrix.snapshots.find(({ stage_id }) => stage_id === view.stageId);
  const after = snapshot === undefined ? "" : `, after stage ${snapshot.stage_index}`;
  useTitle(`Memory of ${run.experiment_name}, seed ${run.seed}${after}, ${LOOKS[run.state].text}`);
  if (matrix.snapshots.every(({ items }) => items === 0)) {
    return <NoInstances run={run} newest={matrix.snapshots.at(-1)} />;
  }
  return (
    <>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <ClassMatrix matrix={matrix} view={view} />
        {snapshot !== undefined && <BalancePanel snapshot={snapshot} classes={matrix.classes} />}
      </SimpleGrid>
      {snapshot === undefined ? (
        <EmptyState title="This run has no memory of that stage">Choose a stage in the table above.</EmptyState>
      ) : (
        <>
          <Panel title="Instances" actions={<MemoryFilterBar matrix={matrix} view={view} />}>
            <MemoryGrid
              key={JSON.stringify([snapshot.stage_id, view.filters])}
              stageId={snapshot.stage_id}
              filters={view.filters}
              onOpen={view.open}
            />
          </Panel>
          {view.itemId !== null && (
            <MemoryItemDialog itemId={view.itemId} run={run} stageId={snapshot.stage_id} view={view} />
          )}
        </>
      )}
    </>
  );
}

/** Why there is no instance: the method keeps none, or none yet. */
function NoInstances({ run, newest }: { run: RunDetail; newest: MemorySnapshot | undefined }) {
  const experiment = useQuery(experimentQuery(run.experiment_id));
  if (newest !== undefined && newest.warnings.length > 0) {
    return <MemoryWarnings snapshot={newest} />;
  }
  if (experiment.data !== undefined && !keepsMemory(experiment.data)) {
    return (
      <EmptyState title={`The method ${run.method} keeps no replay memory`}>
        Only methods that replay earlier training data have a memory.{" "}
        <Anchor component={Link} to={`/runs/${run.id}`} size="sm">
          Back to the run
        </Anchor>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="The memory is empty">
      {isOver(run)
        ? "This run stored no instances: its setting memory.size is 0, or it stopped before its first stage ended."
        : "The first instances are chosen at the end of the first stage and then appear here."}
    </EmptyState>
  );
}

function isOver(run: RunDetail | undefined): boolean {
  return run !== undefined && ENDED_STATES.has(run.state);
}
