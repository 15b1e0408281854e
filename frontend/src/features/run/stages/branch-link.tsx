import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";

import type { StageSummary } from "../../../api/types";

/** Where a run can branch after a stage; null where the stage is not done, not the last of its step, or of the last step. */
export function branchAddress(stage: StageSummary, stages: readonly StageSummary[]): string | null {
  const after = stages.filter((other) => other.index > stage.index);
  const isDone = stages.every((other) => other.index > stage.index || other.state === "succeeded" || other.state === "skipped");
  const isEndOfStep = after.length > 0 && after.every((other) => other.step > stage.step);
  return isDone && isEndOfStep ? `/launch?branch=${stage.run_id}&after=${stage.step}` : null;
}

/** Leads to a launch that shares the stages up to this one, and names the run that a shared stage is from. */
export function BranchLink({ stage, stages }: { stage: StageSummary; stages: readonly StageSummary[] }) {
  const address = branchAddress(stage, stages);
  return (
    <>
      {stage.shared !== null && (
        <Text size="xs">
          shared with{" "}
          <Anchor component={Link} to={`/runs/${stage.shared.run_id}`} size="xs">
            another run
          </Anchor>
        </Text>
      )}
      {address !== null && (
        <Anchor component={Link} to={address} size="xs">
          Branch from here…
        </Anchor>
      )}
    </>
  );
}
