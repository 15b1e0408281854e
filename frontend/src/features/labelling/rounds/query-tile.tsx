import { Group, Text, UnstyledButton } from "@mantine/core";

import type { QuerySummary } from "../../../api/types";
import type { LayerView } from "../queries/layer-switch";
import { QueryPicture } from "../queries/query-picture";
import { formatValue } from "../../../lib/format";
import type { Palette } from "../../../lib/label-colours";
import { queryStateWord } from "../queries/query-words";

interface QueryTileProps {
  query: QuerySummary;
  view: LayerView;
  palette: Palette;
  onOpen: () => void;
}

/** A small picture of a query, that opens the large one. */
export function QueryTile({ query, view, palette, onOpen }: QueryTileProps) {
  return (
    <UnstyledButton className="query-tile" onClick={onOpen} aria-label={`query ${query.rank}, ${query.image}, large`}>
      <QueryPicture query={query} layer={view.layer} palette={palette} hasRegion={view.hasRegion} isSmall />
      <Text size="xs" truncate title={query.image}>
        {query.rank} · {query.image}
      </Text>
      <Group component="span" justify="space-between" gap={4} wrap="nowrap" fz="xs" c="dimmed">
        <span>value {formatValue(query.value)}</span>
        <span>{query.state === "leased" && query.author !== null ? `with ${query.author}` : queryStateWord(query.state)}</span>
      </Group>
    </UnstyledButton>
  );
}
