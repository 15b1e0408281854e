import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { roundsQuery } from "../../../api/round-queries";
import type { Rounds } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { QueryFace } from "../../../components/query-face";
import { BudgetPanel } from "./budget-panel";
import { defaultRound } from "./budget-points";
import { RoundPanel } from "./round-panel";
import "./rounds.css";
import { useRoundView } from "./use-round-view";

/** The rounds of a run: what labels brought, and what each round asks. */
export function RoundSection({ runId }: { runId: string }) {
  return (
    <QueryFace query={useQuery(roundsQuery(runId))} height={320}>
      {(rounds) =>
        rounds.rounds.length === 0 ? (
          <EmptyState title="This run has no rounds">Only a stream that asks for labels has rounds.</EmptyState>
        ) : (
          <RoundParts rounds={rounds} />
        )
      }
    </QueryFace>
  );
}

function RoundParts({ rounds }: { rounds: Rounds }) {
  const view = useRoundView();
  const chosen = rounds.rounds.find(({ index }) => index === view.round);
  const round = chosen ?? rounds.rounds.find(({ index }) => index === defaultRound(rounds.rounds));
  return (
    <Stack gap="md">
      <BudgetPanel rounds={rounds} view={view} />
      {round !== undefined && <RoundPanel rounds={rounds} round={round} view={view} />}
    </Stack>
  );
}
