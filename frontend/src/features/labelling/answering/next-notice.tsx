import { Text } from "@mantine/core";

import { EmptyState } from "../../../components/empty-state";
import { formatCount, formatMoment } from "../../../lib/format";
import type { NextNote } from "./use-next-query";

/** Says that the next query is the one that is shown. */
export function YoursNotice({ note }: { note: NextNote | null }) {
  return note?.kind === "yours" ? (
    <Text size="xs" role="status">
      This query is yours already. Answer it, skip it or give it back, then the next one comes.
    </Text>
  ) : null;
}

/** Stands in the place of a query where none is shown. */
export function NoQuery({ note }: { note: NextNote | null }) {
  if (note?.kind === "others") {
    return (
      <EmptyState title="Other people have the rest">
        {formatCount(note.count, "query is", "queries are")} with other people. The first is free again
        {note.freeAt === null ? " when its lease runs out" : ` at ${formatMoment(note.freeAt)}`}, unless they go on with it or answer it.
      </EmptyState>
    );
  }
  return note?.kind === "none" ? (
    <EmptyState title="Nothing is left to answer">Every query of this round is answered or skipped.</EmptyState>
  ) : (
    <EmptyState title="No query is open">
      Press “Next query”: the most wanted one is yours for 15 minutes, and longer while you work on it. Or choose one from the list.
    </EmptyState>
  );
}
