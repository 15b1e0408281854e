import { Button, Group } from "@mantine/core";
import { Link } from "react-router";

import type { RunSummary } from "../../api/types";
import { Icon, type IconName } from "../../components/icon";
import { KeyHint } from "../../components/key-hint";
import { possibleActions } from "../../components/run/possible-actions";
import { useRunAction } from "./use-run-action";

interface RunActionsProps {
  run: Pick<RunSummary, "id" | "state" | "is_pausing" | "experiment_id">;
  /** Asks whether the run is to be cancelled. */
  onCancel: () => void;
}

/** Pause, resume, cancel, clone: as far as the run's state allows. */
export function RunActions({ run, onCancel }: RunActionsProps) {
  const action = useRunAction(run.id);
  const { canCancel, canPause, canResume } = possibleActions(run);
  return (
    <Group gap="xs" wrap="nowrap">
      {canResume && (
        <Control name="Resume" icon="resume" keys="E" isBusy={action.isPending} onClick={() => action.mutate("resume")} />
      )}
      {canPause && (
        <Control name="Pause" icon="paused" keys="P" isBusy={action.isPending} onClick={() => action.mutate("pause")} />
      )}
      {canCancel && (
        <Control name="Cancel" icon="cancel" keys="C" onClick={onCancel} />
      )}
      <Control name="Clone" icon="clone" keys="Shift C" to={`/launch?clone=${run.experiment_id}`} />
    </Group>
  );
}

interface ActionProps {
  name: string;
  icon: IconName;
  keys: string;
  isBusy?: boolean;
  onClick?: () => void;
  to?: string;
}

function Control({ name, icon, keys, isBusy = false, onClick, to }: ActionProps) {
  const look = { variant: "default", size: "sm", leftSection: <Icon name={icon} size={14} /> } as const;
  return to === undefined ? (
    <Button {...look} loading={isBusy} onClick={onClick}>
      {name}
      <KeyHint keys={keys} />
    </Button>
  ) : (
    <Button {...look} component={Link} to={to}>
      {name}
      <KeyHint keys={keys} />
    </Button>
  );
}
