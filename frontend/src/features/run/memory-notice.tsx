import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { memoryMatrixQuery } from "../../api/queries";
import { MemoryWarnings } from "../../components/memory-warnings";

/** Says on a run's page what its replay memory lacks now: with an empty one nothing is replayed. */
export function MemoryNotice({ runId }: { runId: string }) {
  const matrix = useQuery(memoryMatrixQuery(runId));
  const newest = matrix.data?.snapshots.at(-1);
  return newest === undefined ? null : (
    <MemoryWarnings snapshot={newest}>
      <Anchor component={Link} to={`/runs/${runId}/memory`} size="sm">
        See what it holds
      </Anchor>
    </MemoryWarnings>
  );
}
