import { SegmentedControl, SimpleGrid, Stack } from "@mantine/core";

import type { QueryBatch, Round, Rounds } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { Panel } from "../../../components/panel";
import { ClassShares } from "./class-shares";
import { QueryBrowser } from "./query-browser";
import { RoundActions } from "./round-actions";
import { RoundFacts } from "./round-facts";
import type { RoundView } from "./use-round-view";
import { ValueHistogram } from "./value-histogram";

interface RoundPanelProps {
  rounds: Rounds;
  round: Round;
  view: RoundView;
}

/** One round: what it asks, by what rule, and how far it is. */
export function RoundPanel({ rounds, round, view }: RoundPanelProps) {
  const isLast = round.index === rounds.rounds.at(-1)?.index;
  return (
    <Panel
      title={`Round ${round.index}`}
      hint={round.batch === null ? "" : "the queries after its training, whose labels the next one learns from"}
      actions={
        <SegmentedControl
          size="xs"
          data={rounds.rounds.map(({ index }) => ({ value: String(index), label: `round ${index}` }))}
          value={String(round.index)}
          onChange={(value) => view.change({ round: Number(value), queryId: null })}
          aria-label="round"
        />
      }
    >
      {round.batch === null ? (
        <EmptyState title={isLast ? "The last round has no queries" : "There are no queries yet"}>
          {isLast
            ? "After its training no budget is left; what the labels brought stands above."
            : "When its training has ended, the teacher values the pool and chooses what to have labelled."}
        </EmptyState>
      ) : (
        <RoundQueries rounds={rounds} batch={round.batch} view={view} />
      )}
    </Panel>
  );
}

function RoundQueries({ rounds, batch, view }: { rounds: Rounds; batch: QueryBatch; view: RoundView }) {
  const runId = rounds.run_id;
  return (
    <Stack gap="lg">
      <RoundActions runId={runId} batch={batch} />
      <RoundFacts runId={runId} batch={batch} headline={rounds.headline} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <ValueHistogram batch={batch} />
        <ClassShares classes={batch.classes} />
      </SimpleGrid>
      <QueryBrowser key={batch.label_stage_id} runId={runId} batch={batch} view={view} />
    </Stack>
  );
}
