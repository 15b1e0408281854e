import { Anchor, Breadcrumbs, Button, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "react-router";

import type { RunDetail } from "../../api/types";
import { CopyableId } from "../../components/copyable-id";
import { Icon } from "../../components/icon";
import { KeyHint } from "../../components/key-hint";
import { RunProgressBar } from "../../components/run/run-progress-bar";
import { StateBadge } from "../../components/state-badge";
import { formatDuration, formatMoment } from "../../lib/format";
import { runScoreText } from "../../lib/score-text";
import { Elapsed } from "./elapsed";
import { DefinitionFacts, Fact } from "../../components/fact";
import type { FeedStatus } from "./feed/feed-sources";
import { LineageLines } from "./lineage-lines";
import { TestedModel } from "./model-tests";
import { QueueFacts, TimeFacts } from "./queue-facts";
import { RunActions } from "./run-actions";

const STATUS_WORDS: Record<FeedStatus, string> = {
  connecting: "connecting …",
  live: "live",
  polling: "no stream comes through, perhaps because of a proxy: asked for every 5 s instead",
  asking: "asked for every 5 s: other tabs have the live connections",
  broken: "the service does not answer; trying again",
};

interface RunHeaderProps {
  run: RunDetail;
  status: FeedStatus | null;
  /** Whether its method keeps a replay memory. */
  hasMemory: boolean;
  /** Asks whether the run is to be cancelled. */
  onCancel: () => void;
}

/** What the run is, how it stands, and what can be done about it. */
export function RunHeader({ run, status, hasMemory, onCancel }: RunHeaderProps) {
  return (
    <Stack gap="xs">
      <Breadcrumbs separator="›" fz="sm">
        <Anchor component={Link} to="/runs" size="sm">
          Runs
        </Anchor>
        <Anchor component={Link} to={`/experiments/${run.experiment_id}`} size="sm">
          experiment, mean over its seeds
        </Anchor>
      </Breadcrumbs>
      <Group justify="space-between" align="flex-start">
        <Group gap="sm">
          <Title order={1} size="h3">
            {run.experiment_name}
          </Title>
          <StateBadge state={run.state} reason={run.reason} message={run.message} size="lg" />
          {run.is_pausing && (
            <Text size="sm" component="span" role="status">
              pauses at the next checkpoint
            </Text>
          )}
          <Text size="xs" c="dimmed" component="span">
            id <CopyableId id={run.id} name="run's id" />
          </Text>
        </Group>
        <Group gap="xs">
          {hasMemory && (
            <Button component={Link} to={`/runs/${run.id}/memory`} variant="default" leftSection={<Icon name="memory" size={14} />}>
              Memory
              <KeyHint keys="M" />
            </Button>
          )}
          <RunActions run={run} onCancel={onCancel} />
        </Group>
      </Group>
      <LineageLines run={run} />
      <TestedModel runId={run.id} />
      <Group gap="xs" style={{ columnGap: "var(--mantine-spacing-xl)" }} align="flex-end">
        <DefinitionFacts of={run} />
        <Fact title="seed">{run.seed}</Fact>
        <Fact title={run.score_name}>{runScoreText(run)}</Fact>
        <Fact title="begun">{formatMoment(run.started_at)}</Fact>
        <Fact title={run.finished_at === null ? "running for" : "took"}>
          <Elapsed start={run.started_at} end={run.finished_at} />
        </Fact>
        <TimeFacts run={run} />
        <QueueFacts run={run} />
        {run.finished_at === null && (
          <Fact title="left">{run.seconds_left === null ? "unknown" : `about ${formatDuration(run.seconds_left)}`}</Fact>
        )}
        <div style={{ minWidth: 180 }}>
          <RunProgressBar run={run} />
        </div>
        {status !== null && (
          <Text size="xs" c={status === "broken" ? "red" : "dimmed"} role="status">
            {status === "live" ? "● " : "○ "}
            {STATUS_WORDS[status]}
          </Text>
        )}
      </Group>
    </Stack>
  );
}
