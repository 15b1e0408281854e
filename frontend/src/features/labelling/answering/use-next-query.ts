import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { StageDetail } from "../../../api/types";
import { useAuthor } from "../author/use-author";
import { queryToAnswer, labelStageQuery, leaseNext, openQueriesKey } from "../labelling-queries";

interface NextQueryState {
  /** The query that is shown. */
  current: string | null;
  /** What is leased to the person. */
  held: readonly string[];
  show: (id: string | null) => void;
}

/** Shows the next query: what the person has leased and left, before anything new is leased. */
export function useNextQuery(stage: StageDetail, { current, held, show }: NextQueryState) {
  const client = useQueryClient();
  const { author } = useAuthor();
  const [isAsked, setAsked] = useState(false);
  const lease = useMutation({
    mutationFn: () => leaseNext(stage.id, author),
    onSuccess: ({ query }) => {
      if (query !== null) {
        client.setQueryData(queryToAnswer(query.id).queryKey, query);
      }
      show(query?.id ?? null);
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: openQueriesKey(stage.id) });
      void client.invalidateQueries({ queryKey: labelStageQuery(stage.id).queryKey });
    },
  });
  const left = held.find((id) => id !== current);
  const next = (isDone: boolean) => {
    setAsked(true);
    if (author === "" || lease.isPending) {
      return;
    }
    // Who sees one, and does not want it, gets another one.
    if (left !== undefined && (isDone || current === null || !held.includes(current))) {
      show(left);
    } else {
      lease.mutate();
    }
  };
  return {
    lease: () => next(false),
    /** What was shown is answered or skipped. */
    goOn: () => next(true),
    isPending: lease.isPending,
    error: lease.error,
    /** Whether there was nothing to lease when it was last tried. */
    isEmpty: lease.data?.query === null,
    needsAuthor: isAsked && author === "",
  };
}
