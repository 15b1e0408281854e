import { Button, Group, Paper, Stack, Text } from "@mantine/core";

import type { ExperimentVerdict } from "../../api/types";
import { Icon } from "../../components/icon";
import { KeyHint } from "../../components/key-hint";
import { Problem } from "../../components/problem";
import { formatCount } from "../../lib/format";
import type { Seeds } from "../../lib/seeds";
import { type Unreadable, unreadableTitle } from "./unreadable";

interface LaunchBarProps {
  seeds: Seeds;
  /** The stages that are to be computed; undefined before they are known. */
  plan: ExperimentVerdict["plan"] | undefined;
  /** How many faults the last check or launch found. */
  faultCount: number;
  /** What is on the screen and cannot be read; until it can, nothing is launched. */
  unreadable: readonly Unreadable[];
  /** Why the last launch came to nothing. */
  error: Error | null;
  isPending: boolean;
  canLaunch: boolean;
  onLaunch: () => void;
}

/** The button that starts it all and what it will start; it stays at the foot of the window, whichever field is edited. */
export function LaunchBar({ seeds, plan, faultCount, unreadable, error, isPending, canLaunch, onLaunch }: LaunchBarProps) {
  return (
    <Paper withBorder px="md" py="xs" shadow="sm" className="launch-bar" component="section" aria-label="launch">
      <Stack gap="xs">
        {error !== null && <Problem error={error} />}
        <Group justify="space-between" gap="md" wrap="nowrap">
          <Text size="xs" c="dimmed" aria-live="polite">
            {standText(faultCount, unreadable) ?? workText(seeds.values.length, plan)}
          </Text>
          <Button
            flex="none"
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
function workText(runs: number, plan: LaunchBarProps["plan"]): string {
  if (plan === undefined || runs === 0) {
    return "";
  }
  const stages = plan.length;
  const iterations = plan.map((stage) => stage.total_iterations);
  const isKnown = iterations.every((count) => count !== null);
  const total = iterations.reduce<number>((sum, count) => sum + (count ?? 0), 0) * runs;
  const work = isKnown && total > 0 ? `, ${formatCount(total, "iteration")}` : "";
  return `${formatCount(runs, "run")} of ${formatCount(stages, "stage")} each: ${formatCount(runs * stages, "stage")}${work}.`;
}
