import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { NextQuery, StageDetail } from "../../../api/types";
import { useAuthor } from "../author/use-author";
import { labelStageQuery, leaseNext, openQueriesKey, queryToAnswer } from "../labelling-queries";

interface NextQueryState {
  /** The query that is shown. */
  current: string | null;
  show: (id: string | null) => void;
}

/** Shows the next query: one that the person has leased and left, before anything new is leased. */
export function useNextQuery(stage: StageDetail, { current, show }: NextQueryState) {
  const client = useQueryClient();
  const { author } = useAuthor();
  const [isWanted, setWanted] = useState(false);
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
  const next = () => {
    setWanted(true);
    if (author !== "" && !lease.isPending) {
      lease.mutate();
    }
  };
  return {
    lease: next,
    isPending: lease.isPending,
    error: lease.error,
    needsAuthor: isWanted && author === "",
    /** Why the next query is none, or the one before. */
    note: lease.data === undefined ? null : noteOf(lease.data, current),
  };
}

/** What there is to say of the query that was found, or that there was none. */
export interface NextNote {
  kind: "yours" | "others" | "none";
  count: number;
  freeAt: string | null;
}

function noteOf({ query, leased_to_you, leased_to_others, free_at }: NextQuery, current: string | null): NextNote | null {
  if (query !== null) {
    return leased_to_you && query.id === current ? { kind: "yours", count: 1, freeAt: null } : null;
  }
  return { kind: leased_to_others > 0 ? "others" : "none", count: leased_to_others, freeAt: free_at };
}
