import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { runQuery } from "../../../api/queries";
import type { QueryBatch, RunDetail } from "../../../api/types";
import { formatCount } from "../../../lib/format";
import { unanswered } from "../queries/query-words";
import { ExtendDialog } from "./extend-dialog";
import { RoundDialog } from "./round-dialog";
import type { RoundVerb } from "./use-round-action";

/** What can be done about a round that waits for people, or that was closed a moment ago. */
export function RoundActions({ runId, batch }: { runId: string; batch: QueryBatch }) {
  const [verb, ask] = useState<RoundVerb | null>(null);
  const run = useQuery(runQuery(runId));
  const isWaiting = batch.state === "waiting_annotation";
  const canReopen = run.data !== undefined && isReopenable(run.data, batch);
  return (
    <Group gap="xs" role="group" aria-label="actions on the round">
      {isWaiting && (
        <>
          <Button component={Link} to={`/labelling/${batch.label_stage_id}`}>
            Label {formatCount(unanswered(batch.counts), "query", "queries")}
          </Button>
          <Button variant="default" onClick={() => ask("close")}>
            Close round
          </Button>
          <Button variant="default" onClick={() => ask("extend")}>
            Extend
          </Button>
          <Button variant="default" onClick={() => ask("oracle")}>
            Let the oracle answer the rest
          </Button>
        </>
      )}
      <Button component={Link} variant="default" to={`/labelling/${batch.label_stage_id}?tab=exchange`}>
        Export, import
      </Button>
      {canReopen && (
        <>
          <Button variant="default" onClick={() => ask("reopen")}>
            Open again
          </Button>
          <Text size="xs" c="dimmed">
            as long as no worker has begun the next stage
          </Text>
        </>
      )}
      {verb === "extend" && <ExtendDialog runId={runId} batch={batch} onClose={() => ask(null)} />}
      {verb !== null && verb !== "extend" && (
        <RoundDialog runId={runId} batch={batch} verb={verb} onClose={() => ask(null)} />
      )}
    </Group>
  );
}

/** Whether people have answered it, it is closed, and what follows has not begun. */
export function isReopenable(run: RunDetail, batch: QueryBatch): boolean {
  const place = run.stages.findIndex((stage) => stage.id === batch.label_stage_id);
  const next = run.stages[place + 1];
  return batch.state === "succeeded" && batch.by_people && next?.state === "queued" && run.state !== "cancelled";
}
