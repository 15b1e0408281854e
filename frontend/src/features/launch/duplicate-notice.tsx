import { Alert, Anchor, Text } from "@mantine/core";
import { Link } from "react-router";

import type { DuplicateRun } from "../../api/types";
import { Icon } from "../../components/icon";
import { formatMoment } from "../../lib/format";

const MOST_SHOWN = 5;

/** Runs of the same experiment with the same seeds: a warning, never a refusal (EXP-11). */
export function DuplicateNotice({ duplicates, seeds }: { duplicates: readonly DuplicateRun[]; seeds: readonly number[] }) {
  const same = duplicates.filter((run) => seeds.includes(run.seed));
  if (same.length === 0) {
    return null;
  }
  return (
    <Alert color="yellow" variant="light" icon={<Icon name="clone" />} title="Duplicate of an earlier run">
      <Text size="sm">The same settings were run with these seeds; equal seeds give equal numbers. You can launch all the same.</Text>
      {same.slice(0, MOST_SHOWN).map((run) => (
        <Text key={run.run_id} size="sm">
          Seed {run.seed}:{" "}
          <Anchor component={Link} to={`/runs/${run.run_id}`} size="sm">
            {run.experiment_name}
          </Anchor>
          , {run.state}, {formatMoment(run.created_at)}
        </Text>
      ))}
      {same.length > MOST_SHOWN && <Text size="sm">… and {same.length - MOST_SHOWN} more</Text>}
    </Alert>
  );
}
