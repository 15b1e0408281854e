import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import type { RunSummary } from "../../api/types";
import { tellFailure } from "../../components/tell-failure";
import { formatCount } from "../../lib/format";
import { askRun, type RunVerb, VERBS } from "../../components/run/run-verbs";

interface Batch {
  verb: RunVerb;
  runs: readonly RunSummary[];
}

/** Asks several runs for the same thing, one after the other; says at the end what became of it. */
export function useRunBatch() {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ["runs", "fresh"] });
  const restore = async (runs: readonly RunSummary[]) => {
    const outcome = await Promise.allSettled(
      runs.map((run) => unwrap(api.POST("/api/v1/runs/{run_id}/restore", { params: { path: { run_id: run.id } } }))),
    );
    showOutcome("restored", outcome);
    await refresh();
  };
  return useMutation({
    mutationFn: async ({ verb, runs }: Batch) => {
      const outcome: PromiseSettledResult<void>[] = [];
      for (const run of runs) {
        outcome.push(...(await Promise.allSettled([askRun(verb, run)])));
      }
      return outcome;
    },
    onSuccess: async (outcome, { verb, runs }) => {
      const done = runs.filter((_, place) => outcome[place]?.status === "fulfilled");
      showOutcome(VERBS[verb].done, outcome, verb === "delete" ? () => void restore(done) : undefined);
      await refresh();
    },
  });
}

function showOutcome(done: string, outcome: readonly PromiseSettledResult<unknown>[], onUndo?: () => void): void {
  const refused = outcome.filter((each) => each.status === "rejected");
  const count = outcome.length - refused.length;
  if (refused[0] !== undefined) {
    const reason: unknown = refused[0].reason;
    tellFailure(`${formatCount(refused.length, "run")} could not be ${done}`, reason instanceof Error ? reason.message : String(reason));
  }
  if (count > 0) {
    const undo = onUndo && (() => {
      notifications.hide(id);
      onUndo();
    });
    const id = notifications.show({
      title: `${formatCount(count, "run was", "runs were")} ${done}`,
      message: undo && <UndoButton onClick={undo} />,
      autoClose: onUndo ? 15_000 : 4000,
    });
  }
}

function UndoButton({ onClick }: { onClick: () => void }) {
  return (
    <Button size="compact-xs" variant="default" onClick={onClick}>
      Undo
    </Button>
  );
}
