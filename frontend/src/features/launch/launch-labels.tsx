import { Group, Paper, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";

import type { ExperimentVerdict, FaultEntry } from "../../api/types";
import { isWithin } from "../../lib/json-pointer";
import { DuplicateNotice } from "./duplicate-notice";
import { readSeeds } from "../../lib/seeds";
import type { Labels } from "./use-launch-draft";

interface LaunchLabelsProps {
  labels: Labels;
  onLabels: (labels: Labels) => void;
  verdict: ExperimentVerdict | undefined;
  /** Of the last check or launch; those of name, tags and notes stand here. */
  faults: readonly FaultEntry[];
  /** Whether the seed is that of another run. */
  isSeedFixed: boolean;
}

/** The field stays level with its neighbours; what is said about it stands below. */
const FIELD_FIRST = ["label", "input", "description", "error"] as const;

/** Name, tags, notes and seeds of what is launched. */
export function LaunchLabels({ labels, onLabels, verdict, faults, isSeedFixed }: LaunchLabelsProps) {
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
            {...(isSeedFixed && { readOnly: true, description: "of the run that it branches from", inputWrapperOrder: [...FIELD_FIRST] })}
            placeholder="0-4 or 1, 2, 3"
            w={150}
          />
        </Group>
        <DuplicateNotice duplicates={verdict?.duplicates ?? []} seeds={seeds.values} />
      </Stack>
    </Paper>
  );
}
