import { Alert, Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { experimentQuery, runQuery } from "../../api/queries";
import type { ExperimentDetail, MethodSummary, RunDetail } from "../../api/types";
import { NoSuch } from "../../components/no-such";
import { QueryFace } from "../../components/query-face";
import { LaunchForm } from "./launch-form";
import { clonedDocument } from "./start";

interface FromBranchProps {
  runId: string;
  /** The last step that is shared. */
  afterStep: number;
  methods: readonly MethodSummary[];
}

/** A form that begins as a copy of a run's experiment, and starts a run that shares the run's first steps. */
export function FromBranch({ runId, afterStep, methods }: FromBranchProps) {
  const run = useQuery(runQuery(runId));
  if (!Number.isInteger(afterStep) || afterStep < 0) {
    return (
      <Alert color="orange" variant="light" title="No step to branch after">
        <Text size="sm">
          The address must end with <code>after=</code> and the number of a finished step. Open{" "}
          <Link to={`/runs/${runId}`}>the run</Link> and choose “Branch from here…” on a stage.
        </Text>
      </Alert>
    );
  }
  return (
    <QueryFace query={run} missing={<NoSuch noun="run" id={runId} />}>
      {(detail) => <OfRun run={detail} afterStep={afterStep} methods={methods} />}
    </QueryFace>
  );
}

interface OfRunProps extends Omit<FromBranchProps, "runId"> {
  run: RunDetail;
}

function OfRun({ run, afterStep, methods }: OfRunProps) {
  const experiment = useQuery(experimentQuery(run.experiment_id));
  return (
    <QueryFace query={experiment}>
      {(detail) => <BranchForm run={run} experiment={detail} afterStep={afterStep} methods={methods} />}
    </QueryFace>
  );
}

function BranchForm({ run, experiment, afterStep, methods }: OfRunProps & { experiment: ExperimentDetail }) {
  const noun = run.stages[0]?.noun ?? "step";
  const presets = methods.flatMap((method) => method.presets);
  return (
    <>
      <Text size="sm">
        A branch of{" "}
        <Anchor component={Link} to={`/runs/${run.id}`} size="sm">
          {run.experiment_name}, seed {run.seed}
        </Anchor>{" "}
        after {noun} {afterStep}. What was trained up to there is shared and not trained again, so data, classes and seed
        stay, and so does every setting that these stages read.
      </Text>
      <LaunchForm
        methods={methods}
        start={{
          origin: `branch of ${run.id} after ${afterStep}`,
          document: clonedDocument(experiment, presets),
          name: experiment.name,
          tags: experiment.tags,
          notes: experiment.notes,
          clonedFrom: experiment.id,
          branch: { runId: run.id, afterStep, seed: run.seed },
        }}
      />
    </>
  );
}
