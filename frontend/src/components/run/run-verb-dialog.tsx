import { Button, Group, List, Modal, Stack, Text } from "@mantine/core";

import type { RunSummary } from "../../api/types";
import { formatCount } from "../../lib/format";
import { type RunVerb, VERBS } from "./run-verbs";

const SHOWN = 6;

interface RunVerbDialogProps {
  /** What is about to happen to which runs; null keeps the dialog closed. */
  asked: { verb: RunVerb; runs: readonly RunSummary[] } | null;
  onConfirm: () => void;
  onClose: () => void;
}

/** Names the runs, and asks once more before something is lost. */
export function RunVerbDialog({ asked, onConfirm, onClose }: RunVerbDialogProps) {
  const verb = asked === null ? null : VERBS[asked.verb];
  const runs = asked?.runs ?? [];
  return (
    <Modal opened={asked !== null} onClose={onClose} title={`${verb?.name ?? ""} ${runs.length === 1 ? "this run" : formatCount(runs.length, "run")}?`}>
      <Stack>
        <List size="sm">
          {runs.slice(0, SHOWN).map((run) => (
            <List.Item key={run.id}>
              {run.experiment_name}, seed {run.seed} ({run.state})
            </List.Item>
          ))}
          {runs.length > SHOWN && <List.Item>and {runs.length - SHOWN} more</List.Item>}
        </List>
        {verb?.warning && <Text size="sm">{verb.warning(runs)}</Text>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep as {runs.length === 1 ? "it is" : "they are"}
          </Button>
          <Button color="red" onClick={onConfirm}>
            {verb?.confirm?.(runs.length) ?? verb?.name}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
