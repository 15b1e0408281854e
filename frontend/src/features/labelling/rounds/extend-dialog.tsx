import { Modal, NumberInput, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";

import type { QueryBatch } from "../../../api/types";
import { ruleText } from "../queries/query-words";
import { useAuthor } from "../author/use-author";
import { DialogFoot } from "./dialog-foot";
import { useRoundAction } from "./use-round-action";

const DAY_HOURS = 24;
const MAX_HOURS = 87_600;

interface ExtendDialogProps {
  runId: string;
  batch: QueryBatch;
  onClose: () => void;
}

/** Asks until when a round may wait, and who says so. */
export function ExtendDialog({ runId, batch, onClose }: ExtendDialogProps) {
  const { author } = useAuthor();
  const [hours, setHours] = useState<number | string>(DAY_HOURS);
  const [isEndless, setEndless] = useState(false);
  const action = useRoundAction(runId, batch.label_stage_id);
  const isTime = typeof hours === "number" && hours > 0 && hours <= MAX_HOURS;
  const isReady = author !== "" && (isEndless || isTime);
  return (
    <Modal opened onClose={onClose} title="How long may this round wait?">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) {
            action.mutate({ verb: "extend", author, deadlineHours: isEndless ? null : Number(hours) }, { onSuccess: onClose });
          }
        }}
      >
        <Stack>
          <Text size="sm">
            It {ruleText(batch)}. At its deadline the answers are frozen, and what is unanswered returns to the pool.
          </Text>
          <NumberInput
            label="hours from now"
            value={hours}
            onChange={setHours}
            disabled={isEndless}
            min={0}
            max={MAX_HOURS}
            error={!isEndless && !isTime ? "more than 0, at most ten years" : null}
          />
          <Switch label="no deadline" checked={isEndless} onChange={(event) => setEndless(event.currentTarget.checked)} />
          <DialogFoot label="Change the deadline" isReady={isReady} isPending={action.isPending} error={action.error} onClose={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
