import { Button, Group, Paper, Stack, TagsInput, TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { Icon } from "../../components/icon";
import { KeyHint } from "../../components/key-hint";
import { Problem } from "../../components/problem";
import { formatCount } from "../../lib/format";
import type { JsonDocument } from "./draft";
import { launch } from "./launch-queries";
import { parseSeeds } from "./seeds";

interface LaunchBarProps {
  document: JsonDocument;
  name: string;
  tags: readonly string[];
  /** Whether the service found the document valid as it stands. */
  isReady: boolean;
}

/** Name, tags, seeds, and the button that starts it all. */
export function LaunchBar({ document, name: firstName, tags: firstTags, isReady }: LaunchBarProps) {
  const [name, setName] = useState(firstName);
  const [tags, setTags] = useState<string[]>([...firstTags]);
  const [typedSeeds, setTypedSeeds] = useState("0");
  const navigate = useNavigate();
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: launch,
    onSuccess: async (runs) => {
      await client.invalidateQueries({ queryKey: ["runs", "fresh"] });
      const [first] = runs;
      await navigate(runs.length === 1 ? `/runs/${first?.id ?? ""}` : `/runs?experiment=${first?.experiment_id ?? ""}`);
    },
  });
  const seeds = readSeeds(typedSeeds);
  const canLaunch = isReady && seeds.fault === null && !start.isPending;
  const go = () => {
    if (canLaunch) {
      start.mutate({ document, name, tags, seeds: seeds.values });
    }
  };
  useHotkeys([["mod+Enter", go]], [], true);
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Group align="flex-start" gap="md">
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={200}
            style={{ flex: "1 1 220px" }}
          />
          <TagsInput
            label="Tags"
            value={tags}
            onChange={setTags}
            placeholder={tags.length === 0 ? "key or key=value" : ""}
            style={{ flex: "1 1 180px" }}
          />
          <TextInput
            label="Seeds"
            value={typedSeeds}
            onChange={(event) => setTypedSeeds(event.currentTarget.value)}
            error={seeds.fault}
            placeholder="0-2, 7"
            w={150}
          />
          <Button mt={24} onClick={go} disabled={!canLaunch} loading={start.isPending} leftSection={<Icon name="launch" />}>
            Launch {seeds.fault === null ? formatCount(seeds.values.length, "run") : ""}
            <KeyHint keys="Ctrl Enter" />
          </Button>
        </Group>
        {start.error !== null && <Problem error={start.error} />}
      </Stack>
    </Paper>
  );
}

function readSeeds(typed: string): { values: number[]; fault: string | null } {
  try {
    return { values: parseSeeds(typed), fault: null };
  } catch (error) {
    return { values: [], fault: error instanceof Error ? error.message : String(error) };
  }
}
