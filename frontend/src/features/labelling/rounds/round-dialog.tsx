import { Modal, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { useNavigate } from "react-router";

import type { QueryBatch, QueryCounts } from "../../../api/types";
import { formatCount } from "../../../lib/format";
import { countsText, unanswered, unansweredCounts } from "../queries/query-words";
import { useAuthor } from "../author/use-author";
import { DialogFoot } from "./dialog-foot";
import { type RoundVerb, useRoundAction } from "./use-round-action";

type EndingVerb = Exclude<RoundVerb, "extend">;

const WORDS: Record<EndingVerb, { title: string; button: string }> = {
  close: { title: "Close this round?", button: "Close round" },
  oracle: { title: "Let the oracle answer the rest?", button: "Let the oracle answer" },
  reopen: { title: "Open this round again?", button: "Open again" },
};

interface RoundDialogProps {
  runId: string;
  batch: QueryBatch;
  verb: EndingVerb;
  onClose: () => void;
}

/** Says what follows, asks who does it, and does it. */
export function RoundDialog({ runId, batch, verb, onClose }: RoundDialogProps) {
  const { author } = useAuthor();
  const [allowEmpty, setAllowEmpty] = useState(false);
  const action = useRoundAction(runId, batch.label_stage_id);
  const navigate = useNavigate();
  const showAnswers = () => void navigate(`/labelling/${batch.label_stage_id}?list=answered`);
  const isEmpty = verb === "close" && batch.counts.accepted === 0;
  const isReady = author !== "" && (!isEmpty || allowEmpty);
  return (
    <Modal opened onClose={onClose} title={WORDS[verb].title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) {
            action.mutate({ verb, author, allowEmpty }, { onSuccess: verb === "reopen" ? showAnswers : onClose });
          }
        }}
      >
        <Stack>
          <Text size="sm">{consequence(verb, batch.counts)}</Text>
          {isEmpty && (
            <Switch
              label="close it without a single answer"
              description="The next training then learns from the labels that were there before."
              checked={allowEmpty}
              onChange={(event) => setAllowEmpty(event.currentTarget.checked)}
            />
          )}
          <DialogFoot label={WORDS[verb].button} isReady={isReady} isPending={action.isPending} error={action.error} onClose={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}

/** What follows, with the numbers of the round. */
export function consequence(verb: EndingVerb, counts: QueryCounts): string {
  const left = formatCount(unanswered(counts), "query is", "queries are");
  if (verb === "close") {
    const isAnswered = unanswered(counts) === 0;
    const how = isAnswered ? "" : ` (${countsText(unansweredCounts(counts))})`;
    const returns = isAnswered ? "" : " What is unanswered returns to the pool.";
    return `${left} unanswered${how}.${returns} The answers are frozen, and the next training begins with them.`;
  }
  if (verb === "oracle") {
    return `${left} unanswered. A worker answers them with the target's own labels; what people have answered stays.`;
  }
  return (
    "The frozen labels are taken back, and the round takes answers again: its answers are shown, to be revised or sent back. " +
    "If nothing is left to answer it closes only by hand, otherwise by itself as before."
  );
}
