import type { QueryDetail, StageDetail } from "../../../api/types";
import { SkipDialog } from "../answering/skip-dialog";
import { useAnswer } from "../answering/use-answer";
import { useAuthor } from "../author/use-author";

interface LeaveDialogsProps {
  stage: StageDetail;
  query: QueryDetail;
  isSkipping: boolean;
  onClose: () => void;
  onSkipped: () => void;
}

/** Asks why a query is skipped. */
export function LeaveDialogs({ stage, query, isSkipping, onClose, onSkipped }: LeaveDialogsProps) {
  const { author } = useAuthor();
  const answer = useAnswer(query, stage, { onAnswered: onSkipped, onLeft: onSkipped });
  if (!isSkipping) {
    return null;
  }
  return (
    <SkipDialog
      onClose={onClose}
      onSkip={(reason) => {
        onClose();
        answer.send({ kind: "skip", author, reason });
      }}
    />
  );
}
