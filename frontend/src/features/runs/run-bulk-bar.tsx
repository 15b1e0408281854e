import { Button, Group, Text } from "@mantine/core";
import { Link, useNavigate } from "react-router";

import type { RunSummary } from "../../api/types";
import { KeyHint } from "../../components/key-hint";
import { formatCount } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { type RunVerb, VERBS } from "../../components/run/run-verbs";

interface RunBulkBarProps {
  runs: readonly RunSummary[];
  isBusy: boolean;
  onAsk: (verb: RunVerb, runs: readonly RunSummary[]) => void;
  onClear: () => void;
}

/** What can be done with the selected runs; a button counts those that it fits. */
export function RunBulkBar({ runs, isBusy, onAsk, onClear }: RunBulkBarProps) {
  return (
    <Group gap="xs" role="toolbar" aria-label="selected runs" mih={36}>
      <Text size="sm" fw={600} aria-live="polite">
        {formatCount(runs.length, "run")} selected
      </Text>
      {(Object.keys(VERBS) as RunVerb[]).map((verb) => {
        const fitting = runs.filter(VERBS[verb].fits);
        return (
          fitting.length > 0 && (
            <Button key={verb} size="xs" variant="default" loading={isBusy} onClick={() => onAsk(verb, fitting)}>
              {VERBS[verb].name} {fitting.length < runs.length || runs.length > 1 ? fitting.length : ""}
            </Button>
          )
        );
      })}
      <CompareButton runs={runs} />
      {runs.length === 1 && runs[0] !== undefined && (
        <Button size="xs" variant="default" component={Link} to={`/launch?clone=${runs[0].experiment_id}`}>
          Clone
        </Button>
      )}
      <Button size="xs" variant="subtle" onClick={onClear}>
        Clear
      </Button>
    </Group>
  );
}

/** The fewest and the most runs that are compared. */
const [FEWEST, MOST] = [2, 20];

/** Lays the selected runs side by side; the key V does the same. */
function CompareButton({ runs }: { runs: readonly RunSummary[] }) {
  const navigate = useNavigate();
  const fits = runs.length >= FEWEST && runs.length <= MOST;
  const address = `/compare?runs=${runs.map((run) => run.id).join(",")}`;
  useKeys({ v: () => fits && void navigate(address) });
  if (runs.length < FEWEST) {
    return null;
  }
  return (
    <Button size="xs" variant="default" disabled={!fits} onClick={() => void navigate(address)} title={fits ? "side by side (V)" : `at most ${MOST} can be compared`}>
      Compare {runs.length}
      <KeyHint keys="V" />
    </Button>
  );
}
