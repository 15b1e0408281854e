import { Text, UnstyledButton } from "@mantine/core";

import type { QueryPage, QuerySort, QuerySummary } from "../../../api/types";
import { ClassName } from "../../../components/class-name";
import { QueryOrder } from "../queries/query-order";
import { formatValue } from "../../../lib/format";
import { queryStateWord } from "../queries/query-words";
import { smallCopy } from "../queries/small-copy";
import { useAuthor } from "../author/use-author";

interface OpenQueriesProps {
  title: string;
  page: QueryPage;
  sort: QuerySort;
  onSort: (sort: QuerySort) => void;
  chosen: string | null;
  onShow: (id: string) => void;
}

/** Queries that wait for somebody; a click opens one. */
export function OpenQueries({ title, page, sort, onSort, chosen, onShow }: OpenQueriesProps) {
  const { author } = useAuthor();
  const queries = page.items;
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <QueryOrder value={sort} onChange={onSort} />
      {queries.length === 0 && (
        <Text size="xs" c="dimmed">
          Nothing is left to answer.
        </Text>
      )}
      <ol className="open-queries" aria-label={title === "To answer" ? "queries to be answered" : "queries to be decided"}>
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
                <MainClass query={query} classes={page.classes} />
                <Text span size="xs" display="block" fw={query.state === "open" ? 400 : 600}>
                  {stateText(query, author)}
                </Text>
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ol>
      {page.next_cursor != null && (
        <Text size="xs" c="dimmed">
          More follow as these are answered.
        </Text>
      )}
    </div>
  );
}

/** The class that the teacher sees most of in the queried pixels. */
function MainClass({ query, classes }: { query: QuerySummary; classes: QueryPage["classes"] }) {
  const label = classes.find(({ id }) => id === query.main_class);
  return label === undefined ? null : <ClassName name={label.name} colour={label.colour} size="xs" />;
}

function stateText(query: QuerySummary, author: string): string {
  if (query.state === "leased") {
    return query.author === author ? "yours" : `${query.author ?? "somebody"} is working on it`;
  }
  return query.state === "skipped" ? `skipped: ${query.message ?? ""}` : queryStateWord(query.state);
}
