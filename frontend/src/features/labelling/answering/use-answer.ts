import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import type { QueryDetail, StageDetail, Submission } from "../../../api/types";
import { formatCount } from "../../../lib/format";
import {
  acceptProposal,
  acceptReview,
  type AnswerTerms,
  queryToAnswer,
  giveBack,
  labelStageQuery,
  leaveReviewed,
  openAgain,
  openQueriesKey,
  skip,
  uploadMask,
} from "../labelling-queries";

/** What is done about a query. */
export type QueryAction =
  | { kind: "accept"; terms: AnswerTerms }
  | { kind: "upload"; file: File; terms: AnswerTerms }
  | { kind: "skip" | "leave"; author: string; reason: string }
  | { kind: "give-back" | "open-again" | "accept-review"; author: string };

interface Consequences {
  /** It was answered, or only skipped: the next one comes. */
  onAnswered: (isAnswer: boolean) => void;
  /** It was given back. */
  onLeft: () => void;
}

/** Does it; a refusal is kept until the next try. */
export function useAnswer(query: QueryDetail, stage: StageDetail, { onAnswered, onLeft }: Consequences) {
  const client = useQueryClient();
  const action = useMutation({
    mutationFn: (wanted: QueryAction) => perform(query, wanted),
    onSuccess: (result, { kind }) => {
      if (isSubmission(result)) {
        tell(query, result);
      } else {
        client.setQueryData(queryToAnswer(query.id).queryKey, result);
      }
      if (kind === "give-back") {
        onLeft();
      } else if (kind !== "open-again" && !(isSubmission(result) && result.is_round_closed)) {
        onAnswered(isSubmission(result));
      }
    },
    onSettled: (_, error) => {
      void client.invalidateQueries({ queryKey: openQueriesKey(stage.id) });
      void client.invalidateQueries({ queryKey: labelStageQuery(stage.id).queryKey });
      if (error !== null) {
        // Somebody else may have it by now.
        void client.invalidateQueries({ queryKey: queryToAnswer(query.id).queryKey });
      }
    },
  });
  return { send: action.mutate, isPending: action.isPending, error: action.error, sent: action.variables?.kind ?? null };
}

function perform(query: QueryDetail, wanted: QueryAction): Promise<Submission | QueryDetail> {
  switch (wanted.kind) {
    case "accept":
      return acceptProposal(query, wanted.terms);
    case "upload":
      return uploadMask(query, wanted.file, wanted.terms);
    case "skip":
      return skip(query.id, wanted.author, wanted.reason);
    case "leave":
      return leaveReviewed(query.id, wanted.author, wanted.reason);
    case "accept-review":
      return acceptReview(query.id, wanted.author);
    case "give-back":
      return giveBack(query.id, wanted.author);
    case "open-again":
      return openAgain(query.id, wanted.author);
  }
}

function isSubmission(result: Submission | QueryDetail): result is Submission {
  return "annotation" in result;
}

/** Says that the answer is stored, and what deserves a second look. */
function tell(query: QueryDetail, { annotation, warnings, is_round_closed }: Submission): void {
  const stored = `${query.image}: ${formatCount(annotation.pixels, "pixel")} labelled, version ${annotation.version}`;
  notifications.show({
    color: warnings.length > 0 ? "yellow" : "teal",
    title: is_round_closed ? "Answered; the round is closed" : "Answered",
    message: [stored, ...warnings.map((warning) => `Worth a second look: ${warning}`)].join(". "),
    autoClose: warnings.length > 0 ? 15_000 : 4000,
  });
}
