import { Group, Paper, Progress, Stack, Text, Tooltip } from "@mantine/core";

import type { AttemptSummary, ClassLabel, StageSummary } from "../../../api/types";
import { ClassName } from "../../../components/class-name";
import { StateBadge } from "../../../components/state-badge";
import { formatCount, formatDuration, formatMoment, formatValue, secondsBetween } from "../../../lib/format";
import { BranchLink } from "./branch-link";
import { TestLink } from "./test-link";
import "./stage-timeline.css";

interface StageTimelineProps {
  stages: readonly StageSummary[];
  /** Classes that each stage learns, where its step is known. */
  classesOf: (stage: StageSummary) => readonly ClassLabel[];
}

/** The stages in their order, each with its attempts. */
export function StageTimeline({ stages, classesOf }: StageTimelineProps) {
  return (
    <ol className="stage-cards" aria-label="stages">
      {stages.map((stage) => (
        <StageCard key={stage.id} stage={stage} classes={classesOf(stage)} stages={stages} />
      ))}
    </ol>
  );
}

interface StageCardProps {
  stage: StageSummary;
  classes: readonly ClassLabel[];
  /** All stages of the run. */
  stages: readonly StageSummary[];
}

function StageCard({ stage, classes, stages }: StageCardProps) {
  const latest = stage.attempts.at(-1);
  const percent = Math.round((stage.state === "succeeded" ? 1 : stage.fraction) * 100);
  return (
    <Paper component="li" withBorder p="sm" style={{ listStyle: "none" }}>
      <Stack gap={6}>
        <Group justify="space-between" gap="2px 6px">
          <Text fw={600} size="sm" className="break-words">
            {stage.index} · {stageTitle(stage)}
          </Text>
          <StateBadge state={stage.state} reason={stage.reason} message={stage.message} />
        </Group>
        {classes.length > 0 && (
          <Group gap="xs">
            {classes.slice(0, 4).map((label) => (
              <ClassName key={label.id} name={label.name} colour={label.colour} size="xs" />
            ))}
            {classes.length > 4 && (
              <Text size="xs" c="dimmed" title={classes.map((label) => label.name).join(", ")}>
                and {classes.length - 4} more
              </Text>
            )}
          </Group>
        )}
        <Progress
          value={percent}
          size="sm"
          aria-label={`stage ${stage.index}: ${percent} %`}
          animated={stage.state === "running"}
        />
        <Text size="xs" c="dimmed">
          {stageLine(stage, latest)}
        </Text>
        {stage.attempts.length > 1 && stage.attempts.map((attempt) => <AttemptLine key={attempt.id} attempt={attempt} />)}
        {stage.not_before !== null && stage.state === "retry_wait" && (
          <Text size="xs">next attempt at {formatMoment(stage.not_before)}</Text>
        )}
        <BranchLink stage={stage} stages={stages} />
        <TestLink stage={stage} />
      </Stack>
    </Paper>
  );
}

/** The stage's name; one that ends with its step says what that is, so that "train-0" is the training of round 0. */
function stageTitle({ name, noun, step }: StageSummary): string {
  const ending = `-${step}`;
  return name.endsWith(ending) ? `${name.slice(0, -ending.length)}, ${noun} ${step}` : name;
}

function AttemptLine({ attempt }: { attempt: AttemptSummary }) {
  const from = attempt.resumed_iteration ? `from iteration ${attempt.resumed_iteration}` : "from the start";
  return (
    <Group gap="2px 6px">
      <Tooltip
        label={`worker ${attempt.worker_id}, ${attempt.device ?? "no device yet"}, begun ${formatMoment(attempt.started_at)}`}
      >
        <Text size="xs">
          attempt {attempt.number}, {from}
        </Text>
      </Tooltip>
      <StateBadge state={attempt.state} reason={attempt.reason} message={attempt.message} />
    </Group>
  );
}

/** What a stage is at, or how long it took, in one line. */
function stageLine(stage: StageSummary, latest: AttemptSummary | undefined): string {
  const took = secondsBetween(stage.started_at, stage.finished_at);
  if (took !== null) {
    return [`took ${formatDuration(took)}`, stage.images !== null && formatCount(stage.images, "image"), latest?.device]
      .filter(Boolean)
      .join(", ");
  }
  if (stage.state !== "running" || latest?.iteration == null) {
    return stage.total_iterations === null ? "" : formatCount(stage.total_iterations, "iteration");
  }
  const pace = latest.images_per_second === null ? null : `${formatValue(latest.images_per_second)} images/s`;
  const left = latest.seconds_left === null ? null : `${formatDuration(latest.seconds_left)} left`;
  return [latest.phase, `${latest.iteration} of ${latest.total_iterations ?? "?"}`, pace, left].filter(Boolean).join(", ");
}
