import { SegmentedControl, SimpleGrid, Stack } from "@mantine/core";

import type { Questions, Round, Rounds } from "../../../api/types";
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
      hint={round.questions === null ? "" : "what was asked after its training, for the next one"}
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
      {round.questions === null ? (
        <EmptyState title={isLast ? "The last round asks nothing" : "Nothing is asked yet"}>
          {isLast
            ? "After its training no budget is left; what the labels brought stands above."
            : "When its training has ended, the teacher values the pool and chooses what to have labelled."}
        </EmptyState>
      ) : (
        <Asked runId={rounds.run_id} questions={round.questions} view={view} />
      )}
    </Panel>
  );
}

function Asked({ runId, questions, view }: { runId: string; questions: Questions; view: RoundView }) {
  return (
    <Stack gap="lg">
      <RoundActions runId={runId} questions={questions} />
      <RoundFacts runId={runId} questions={questions} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <ValueHistogram questions={questions} />
        <ClassShares classes={questions.classes} />
      </SimpleGrid>
      <QueryBrowser key={questions.label_stage_id} runId={runId} questions={questions} view={view} />
    </Stack>
  );
}
