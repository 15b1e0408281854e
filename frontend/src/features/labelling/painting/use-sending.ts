import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import type { StageDetail } from "../../../api/types";
import { formatCount } from "../../../lib/format";
import { labelStageQuery, openQueriesKey, queryToAnswer, submitDraft } from "../labelling-queries";
import { forgetWork } from "./kept-work";
import type { PaintWork } from "./load-work";

interface Sending {
  author: string;
  /** The answer is stored; `isComplete` when it was the last of the round. */
  onAnswered: (isComplete: boolean) => void;
  save: () => Promise<boolean>;
  revision: () => number;
}

/** Sends what is painted as the answer, once the service has all of it. */
export function useSending(stage: StageDetail, { query }: PaintWork, { author, onAnswered, save, revision }: Sending) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (allowUnsure: boolean) => {
      if (!(await save())) {
        throw new Error("The service has not got all of your work yet; send the answer once it is saved.");
      }
      const submission = await submitDraft(query, { author, allowUnsure, revision: revision() });
      await forgetWork(query.id, author);
      return submission;
    },
    onSuccess: ({ annotation, warnings, closes_at, is_round_closed }) => {
      notifications.show({
        color: warnings.length > 0 ? "yellow" : "teal",
        title: "Answered",
        message: [`${query.image}: ${formatCount(annotation.pixels, "pixel")} labelled, version ${annotation.version}`, ...warnings].join(". "),
      });
      onAnswered(is_round_closed || closes_at !== null);
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: openQueriesKey(stage.id) });
      void client.invalidateQueries({ queryKey: labelStageQuery(stage.id).queryKey });
      void client.invalidateQueries({ queryKey: queryToAnswer(query.id).queryKey });
    },
  });
}
