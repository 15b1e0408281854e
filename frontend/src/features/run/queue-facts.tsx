import { NativeSelect } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import { runQuery } from "../../api/queries";
import type { RunDetail } from "../../api/types";
import { tellFailure } from "../../components/tell-failure";
import { formatDuration } from "../../lib/format";
import { queueText } from "../../lib/queue-text";
import { Fact } from "../../components/fact";

const PRIORITIES = [
  { value: 10, label: "high" },
  { value: 0, label: "normal" },
  { value: -10, label: "low" },
];
const SHORTEST_S = 1;

/** What the run's time went into: waiting for a worker, computing, waiting for people. */
export function TimeFacts({ run }: { run: RunDetail }) {
  const { waited, computed, labelling } = run.times;
  return (
    <>
      {waited >= SHORTEST_S && <Fact title="waited">{formatDuration(waited)}</Fact>}
      {computed >= SHORTEST_S && <Fact title="computed">{formatDuration(computed)}</Fact>}
      {labelling >= SHORTEST_S && <Fact title="with people">{formatDuration(labelling)}</Fact>}
    </>
  );
}

/** Where a waiting run stands in the queue, and a control that moves it. */
export function QueueFacts({ run }: { run: RunDetail }) {
  const change = useChangePriority(run);
  if (run.queue === null) {
    return null;
  }
  const choices = PRIORITIES.some(({ value }) => value === run.priority)
    ? PRIORITIES
    : [{ value: run.priority, label: String(run.priority) }, ...PRIORITIES];
  return (
    <>
      <Fact title="in the queue">{queueText(run.queue)}</Fact>
      <Fact title="priority">
        <NativeSelect
          size="xs"
          aria-label="priority"
          data={choices.map(({ value, label }) => ({ value: String(value), label }))}
          value={String(run.priority)}
          disabled={change.isPending}
          onChange={(event) => change.mutate(Number(event.currentTarget.value))}
        />
      </Fact>
    </>
  );
}

function useChangePriority(run: RunDetail) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (priority: number) =>
      unwrap(
        api.PATCH("/api/v1/runs/{run_id}", {
          params: { path: { run_id: run.id }, header: { "if-match": `"${run.revision}"` } },
          body: { priority },
        }),
      ),
    onSuccess: async (changed) => {
      client.setQueryData(runQuery(run.id).queryKey, changed);
      await client.invalidateQueries({ queryKey: ["runs", "fresh"] });
    },
    onError: async (error) => {
      tellFailure("The priority was not changed", error.message);
      await client.invalidateQueries({ queryKey: runQuery(run.id).queryKey });
    },
  });
}
