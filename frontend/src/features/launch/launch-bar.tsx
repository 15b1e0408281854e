import { Button, Group, Paper, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";

import type { ExperimentVerdict, FaultEntry } from "../../api/types";
import { Icon } from "../../components/icon";
import { KeyHint } from "../../components/key-hint";
import { Problem } from "../../components/problem";
import { formatCount } from "../../lib/format";
import { isWithin } from "../../lib/json-pointer";
import { DuplicateNotice } from "./duplicate-notice";
import { readSeeds } from "./seeds";
import { type Unreadable, unreadableTitle } from "./unreadable";
import type { Labels } from "./use-launch-draft";

interface LaunchBarProps {
  labels: Labels;
  onLabels: (labels: Labels) => void;
  verdict: ExperimentVerdict | undefined;
  /** Of the last check or launch; those of name, tags and notes stand here. */
  faults: readonly FaultEntry[];
  /** What is on the screen and cannot be read; until it can, nothing is launched. */
  unreadable: readonly Unreadable[];
  /** Why the last launch came to nothing. */
  error: Error | null;
  isPending: boolean;
  canLaunch: boolean;
  onLaunch: () => void;
}

/** Name, tags, notes, seeds, and the button that starts it all. */
export function LaunchBar({ labels, onLabels, verdict, faults, unreadable, error, isPending, canLaunch, onLaunch }: LaunchBarProps) {
  const seeds = readSeeds(labels.seeds);
  const set = (changed: Partial<Labels>) => onLabels({ ...labels, ...changed });
  const faultOf = (pointer: string) => faults.find((fault) => isWithin(fault.pointer, pointer))?.message ?? null;
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Group align="flex-start" gap="md">
          <TextInput
            label="Name"
            value={labels.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={faultOf("/name")}
            maxLength={200}
            style={{ flex: "1 1 220px" }}
          />
          <TagsInput
            label="Tags"
            value={labels.tags}
            onChange={(tags) => set({ tags })}
            error={faultOf("/tags")}
            placeholder={labels.tags.length === 0 ? "key or key=value" : ""}
            style={{ flex: "1 1 180px" }}
          />
          <Textarea
            label="Notes"
            value={labels.notes}
            onChange={(event) => set({ notes: event.currentTarget.value })}
            error={faultOf("/notes")}
            placeholder="Markdown"
            autosize
            minRows={1}
            maxRows={6}
            style={{ flex: "1 1 220px" }}
          />
          <TextInput
            label="Seeds"
            value={labels.seeds}
            onChange={(event) => set({ seeds: event.currentTarget.value })}
            error={seeds.fault}
            placeholder="0-4 or 1, 2, 3"
            w={150}
          />
          <Button
            mt={24}
            onClick={onLaunch}
            loading={isPending}
            // Not disabled: pressed with a fault, it leads to the fault.
            {...(canLaunch ? {} : { "data-disabled": true })}
            leftSection={<Icon name="launch" />}
          >
            Launch {seeds.fault === null ? formatCount(seeds.values.length, "run") : ""}
            <KeyHint keys="Ctrl Enter" />
          </Button>
        </Group>
        <Text size="xs" c="dimmed" aria-live="polite">
          {standText(faults.length, unreadable) ?? workText(seeds.values.length, verdict)}
        </Text>
        <DuplicateNotice duplicates={verdict?.duplicates ?? []} seeds={seeds.values} />
        {error !== null && <Problem error={error} />}
      </Stack>
    </Paper>
  );
}

/** What keeps the launch from going; null where nothing does. */
function standText(faults: number, unreadable: readonly Unreadable[]): string | null {
  if (unreadable.length > 0) {
    return `Not ready: ${unreadableTitle(unreadable)}; Launch leads there.`;
  }
  return faults > 0 ? `${formatCount(faults, "problem")} to fix; Launch leads to the first.` : null;
}

/** "5 runs of 3 stages each: 15 stages, 6,000 iterations". */
function workText(runs: number, verdict: ExperimentVerdict | undefined): string {
  if (verdict === undefined || runs === 0) {
    return "";
  }
  const stages = verdict.plan.length;
  const iterations = verdict.plan.map((stage) => stage.total_iterations);
  const isKnown = iterations.every((count) => count !== null);
  const total = iterations.reduce<number>((sum, count) => sum + (count ?? 0), 0) * runs;
  const work = isKnown && total > 0 ? `, ${formatCount(total, "iteration")}` : "";
  return `${formatCount(runs, "run")} of ${formatCount(stages, "stage")} each: ${formatCount(runs * stages, "stage")}${work}.`;
}
