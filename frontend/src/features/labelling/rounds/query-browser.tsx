import { Button, Group, Select, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { queriesOfRound } from "../../../api/round-queries";
import type { QueryBatch, QueryState } from "../../../api/types";
import { ClassName } from "../../../components/class-name";
import { EmptyState } from "../../../components/empty-state";
import { LayerSwitch, UncertaintyLegend } from "../queries/layer-switch";
import { Problem } from "../../../components/problem";
import { QueryOrder } from "../queries/query-order";
import { formatCount, formatNumber } from "../../../lib/format";
import { paletteOf } from "../../../lib/label-colours";
import { allQueries, queryStateWord } from "../queries/query-words";
import { QueryDialog } from "./query-dialog";
import { QueryTile } from "./query-tile";
import type { RoundView } from "./use-round-view";

const GRID_PAGE = 24;
const STATES: readonly QueryState[] = ["open", "leased", "accepted", "skipped", "withdrawn"];

interface QueryBrowserProps {
  runId: string;
  batch: QueryBatch;
  view: RoundView;
}

/** What the round asks, as pictures with a layer over them. */
export function QueryBrowser({ runId, batch, view }: QueryBrowserProps) {
  const listed = useInfiniteQuery(queriesOfRound(runId, batch.label_stage_id, view, GRID_PAGE));
  const queries = listed.data?.pages.flatMap((page) => page.items) ?? [];
  const palette = useMemo(() => paletteOf(batch.classes.map((label) => [label.id, label.colour]), null), [batch.classes]);
  const isRegional = queries.some((query) => query.region_url !== null);
  const place = queries.findIndex((query) => query.id === view.queryId);
  return (
    <Stack gap="sm" component="section" aria-label="queries">
      <Group justify="space-between" align="flex-end">
        <div>
          <Text size="sm" fw={600}>
            Queries
          </Text>
          <Text size="xs" c="dimmed">
            {formatCount(allQueries(batch.counts), "query", "queries")}, {formatNumber(queries.length)} shown; a click shows one large
          </Text>
        </div>
        <QueryFilters view={view} />
      </Group>
      <LayerSwitch view={view} onChange={view.change} isRegional={isRegional} />
      {(view.layer === "proposal" || view.layer === "answer") && (
        <Group gap="xs" className="class-legend" role="group" aria-label="legend">
          {batch.classes.map((label) => (
            <ClassName key={label.id} name={label.name} colour={label.colour} size="xs" />
          ))}
        </Group>
      )}
      {view.layer === "uncertainty" && <UncertaintyLegend />}
      {listed.isPending && <Skeleton height={200} aria-busy="true" aria-label="loading" />}
      {listed.error !== null && <Problem error={listed.error} onRetry={() => void listed.refetch()} />}
      {listed.isSuccess && queries.length === 0 && <EmptyState title="No query is like that">Choose another state.</EmptyState>}
      <div className="query-grid">
        {queries.map((query) => (
          <QueryTile key={query.id} query={query} view={view} palette={palette} onOpen={() => view.change({ queryId: query.id })} />
        ))}
      </div>
      {listed.hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={listed.isFetchingNextPage} onClick={() => void listed.fetchNextPage()}>
            Show more
          </Button>
        </Group>
      )}
      {view.queryId !== null && (
        <QueryDialog
          runId={runId}
          queryId={view.queryId}
          view={view}
          previous={queries[place - 1]?.id ?? null}
          next={place < 0 ? null : (queries[place + 1]?.id ?? null)}
        />
      )}
    </Stack>
  );
}

function QueryFilters({ view }: { view: RoundView }) {
  return (
    <Group gap="xs">
      <Select
        size="xs"
        w={160}
        aria-label="state of queries"
        placeholder="every state"
        clearable
        data={STATES.map((state) => ({ value: state, label: queryStateWord(state) }))}
        value={view.state}
        onChange={(state) => view.change({ state })}
      />
      <QueryOrder value={view.sort} onChange={(sort) => view.change({ sort })} />
    </Group>
  );
}
