import { Anchor } from "@mantine/core";
import { Link } from "react-router";

import { EmptyState } from "./empty-state";

/** Stands where the address names a run that there is not. */
export function NoSuchRun({ runId }: { runId: string }) {
  return (
    <EmptyState title={`There is no run ${runId}`}>
      Perhaps the address was cut, or the run was deleted.{" "}
      <Anchor component={Link} to="/runs">
        To the list of runs
      </Anchor>
    </EmptyState>
  );
}
