import { Alert, Button, Checkbox, FileButton, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useRef, useState } from "react";

import { useMayResearch } from "../../../api/session";
import type { QueryDetail, StageDetail } from "../../../api/types";
import { KeyHint } from "../../../components/key-hint";
import { formatDuration, formatMoment } from "../../../lib/format";
import { useAuthor } from "../author/use-author";
import { draftOf, type AnswerRights, rightsOf } from "./answer-rights";
import { PaintLink } from "../painting/paint-link";
import { Refusal } from "./refusal";
import { countdownText } from "../queries/round-progress";
import { SkipDialog } from "./skip-dialog";
import { useActiveSeconds } from "./use-active-seconds";
import { type QueryAction, useAnswer } from "./use-answer";
import { useLease } from "./use-lease";
import { useSettledKeys } from "./use-settled-keys";

interface AnswerBarProps {
  query: QueryDetail;
  stage: StageDetail;
  /** How good the teacher is that proposes, such as "23.4 % mIoU"; null where it was not tested. */
  teacherScore: string | null;
  onShow: (id: string | null) => void;
  /** The query was answered, or only skipped. */
  onNext: (id: string, isAnswer: boolean) => void;
}

/** Accept, upload, skip, give back; what was sent stays at hand until the service has taken it. */
export function AnswerBar({ query, stage, teacherScore, onShow, onNext }: AnswerBarProps) {
  const { author } = useAuthor();
  const seconds = useActiveSeconds();
  const left = useLease(query, author);
  const rights = rightsOf(query, author, useMayResearch());
  const draft = draftOf(query, author);
  const answer = useAnswer(query, stage, { onAnswered: (isAnswer) => onNext(query.id, isAnswer), onLeft: () => onShow(null) });
  const [allowUnsure, setAllowUnsure] = useState(false);
  const [clicks, setClicks] = useState<number | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const [isSkipping, skipping] = useDisclosure();
  const picker = useRef<HTMLButtonElement>(null);
  const reset = useRef<() => void>(null);
  const canSend = rights.canAnswer && !answer.isPending;
  const terms = { author, allowUnsure, seconds, clicks };
  // An answer that stands is replaced by a mask alone: one key must not undo somebody's work.
  const canAccept = canSend && query.state !== "accepted";
  const accept = () => canAccept && answer.send({ kind: "accept", terms });
  const upload = (chosen: File | null) => {
    setFile(chosen);
    // The same file, mended meanwhile, can be chosen once more.
    reset.current?.();
    if (chosen !== null && canSend) {
      answer.send({ kind: "upload", file: chosen, terms });
    }
  };
  useSettledKeys(query.id, {
    a: accept,
    u: () => canSend && picker.current?.click(),
    k: () => (rights.isHeld || rights.isDeciding) && skipping.open(),
  });
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Button disabled={!canAccept} loading={answer.isPending} onClick={accept}>
          {draft === undefined ? "Accept the teacher's proposal" : "Send your draft"}
          <KeyHint keys="A" />
        </Button>
        <PaintLink address={`/labelling/${stage.id}/paint/${query.id}`} queryId={query.id} />
        <FileButton accept="image/png" onChange={upload} resetRef={reset}>
          {(props) => (
            <Button {...props} ref={picker} variant="default" disabled={!canSend}>
              Upload mask
              <KeyHint keys="U" />
            </Button>
          )}
        </FileButton>
        {teacherScore !== null && (
          <Text size="xs" c="dimmed">
            The teacher reached {teacherScore} in its last test.
          </Text>
        )}
        <LeaveButtons rights={rights} hasLabel={query.version > 0} author={author} onSkip={skipping.open} onSend={answer.send} />
      </Group>
      <Group gap="md">
        <TermsFields allowUnsure={allowUnsure} onUnsure={setAllowUnsure} clicks={clicks} onClicks={setClicks} />
        <Text size="xs" c="dimmed">
          {formatDuration(seconds)} of work
        </Text>
        <Countdown left={left} />
      </Group>
      <Notes rights={rights} draft={draft} />
      {answer.error !== null && (
        <Refusal error={answer.error} file={answer.sent === "upload" ? file : null} onAgain={() => upload(file)} />
      )}
      {isSkipping && (
        <SkipDialog
          onClose={skipping.close}
          onSkip={(reason) => {
            skipping.close();
            answer.send({ kind: rights.isDeciding ? "leave" : "skip", author, reason });
          }}
        />
      )}
    </Stack>
  );
}

/** What there is to know before an answer is given. */
function Notes({ rights, draft }: { rights: AnswerRights; draft: ReturnType<typeof draftOf> }) {
  return (
    <>
      {rights.text !== "" && (
        <Alert variant="light" color="gray" p="xs">
          {rights.text}
        </Alert>
      )}
      {draft !== undefined && (
        <Text size="xs" c="dimmed">
          Your draft of {formatMoment(draft.saved_at)} is kept. Send it as your answer, or upload a mask in its place.
        </Text>
      )}
    </>
  );
}

interface LeaveButtonsProps {
  rights: AnswerRights;
  /** Whether independent answers have come to a label. */
  hasLabel: boolean;
  author: string;
  onSkip: () => void;
  onSend: (action: QueryAction) => void;
}

function LeaveButtons({ rights, hasLabel, author, onSkip, onSend }: LeaveButtonsProps) {
  return (
    <>
      {rights.isDeciding && hasLabel && <Button onClick={() => onSend({ kind: "accept-review", author })}>Accept the answer below</Button>}
      <Button variant="default" disabled={!rights.isHeld && !rights.isDeciding} onClick={onSkip}>
        {rights.isDeciding ? "Leave it unanswered" : "Skip"}
        <KeyHint keys="K" />
      </Button>
      <Button variant="default" disabled={!rights.isHeld} onClick={() => onSend({ kind: "give-back", author })}>
        Give back
      </Button>
      {(rights.isSkipped || rights.isDeciding) && (
        <Button variant="default" disabled={author === ""} onClick={() => onSend({ kind: "open-again", author })}>
          Open it again
        </Button>
      )}
    </>
  );
}

interface TermsFieldsProps {
  allowUnsure: boolean;
  onUnsure: (isAllowed: boolean) => void;
  clicks: number | null;
  onClicks: (clicks: number | null) => void;
}

function TermsFields({ allowUnsure, onUnsure, clicks, onClicks }: TermsFieldsProps) {
  return (
    <>
      <Checkbox
        size="xs"
        label="pixels without a class are meant"
        checked={allowUnsure}
        onChange={(event) => onUnsure(event.currentTarget.checked)}
      />
      <TextInput
        size="xs"
        w={150}
        aria-label="clicks that it took, where you counted them"
        placeholder="clicks (optional)"
        inputMode="numeric"
        maxLength={7}
        value={clicks ?? ""}
        onChange={(event) => {
          const digits = event.currentTarget.value.replace(/\D/g, "");
          onClicks(digits === "" ? null : Number(digits));
        }}
      />
    </>
  );
}

function Countdown({ left }: { left: number | null }) {
  if (left === null) {
    return null;
  }
  return (
    <Text size="xs" fw={600} role="timer" {...(left < 60 && { c: "red" })}>
      {left > 0 ? `yours for ${countdownText(left)}` : "your time is over; it stays yours until somebody else takes it"}
    </Text>
  );
}
