import { Text, UnstyledButton } from "@mantine/core";

import type { QuerySummary } from "../../api/types";
import { formatValue } from "../../lib/format";
import { queryStateWord } from "../../lib/query-words";
import { smallCopy } from "../../lib/small-copy";
import { useAuthor } from "../../lib/use-author";

interface OpenQueriesProps {
  queries: readonly QuerySummary[];
  hasMore: boolean;
  chosen: string | null;
  onShow: (id: string) => void;
}

/** What is still to be answered; a click puts it on the desk. */
export function OpenQueries({ queries, hasMore, chosen, onShow }: OpenQueriesProps) {
  const { author } = useAuthor();
  return (
    <div>
      <Text size="sm" fw={600}>
        To be answered
      </Text>
      {queries.length === 0 && (
        <Text size="xs" c="dimmed">
          Nothing is left.
        </Text>
      )}
      <ol className="open-queries" aria-label="queries to be answered">
        {queries.map((query) => (
          <li key={query.id}>
            <UnstyledButton
              className="open-query"
              aria-current={query.id === chosen}
              onClick={() => onShow(query.id)}
              title={query.image}
            >
              <img src={smallCopy(query.picture_url)} alt="" loading="lazy" />
              <span>
                <Text span size="xs" truncate display="block">
                  {query.rank} · {query.image}
                </Text>
                <Text span size="xs" c="dimmed" display="block">
                  value {formatValue(query.value)}
                  {query.group !== "" && `, ${query.group}`}
                </Text>
                <Text span size="xs" display="block" fw={query.state === "open" ? 400 : 600}>
                  {stateText(query, author)}
                </Text>
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ol>
      {hasMore && (
        <Text size="xs" c="dimmed">
          The next ones follow as these are answered.
        </Text>
      )}
    </div>
  );
}

function stateText(query: QuerySummary, author: string): string {
  if (query.state === "leased") {
    return query.author === author ? "leased by you" : `${query.author ?? "somebody"} has it`;
  }
  return query.state === "skipped" ? `skipped: ${query.message ?? ""}` : queryStateWord(query.state);
}
