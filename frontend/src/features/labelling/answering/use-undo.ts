import { useMutation, useQueryClient } from "@tanstack/react-query";

import { useAuthor } from "../author/use-author";
import { openQueriesKey, queryToAnswer, reviseAnswer, sendBack } from "../labelling-queries";

/** Takes an answer up again, or sends it back for anybody; then shows the query. */
export function useUndo(stageId: string, show: (id: string | null) => void) {
  const client = useQueryClient();
  const { author } = useAuthor();
  const undo = useMutation({
    mutationFn: ({ queryId, note }: { queryId: string; note?: string }) =>
      note === undefined ? reviseAnswer(queryId, author) : sendBack(queryId, author, note),
    onSuccess: (query) => {
      client.setQueryData(queryToAnswer(query.id).queryKey, query);
      show(query.id);
    },
    onSettled: () => client.invalidateQueries({ queryKey: openQueriesKey(stageId) }),
  });
  return {
    revise: (queryId: string) => undo.mutate({ queryId }),
    sendBack: (queryId: string, note: string) => undo.mutate({ queryId, note }),
    isReady: author !== "" && !undo.isPending,
    error: undo.error,
  };
}
