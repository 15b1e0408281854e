import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, unwrap } from "../../../api/client";
import { useIdempotencyKey } from "../../../api/idempotency-key";
import type { ExperimentResults } from "../../../api/types";
import { Problem } from "../../../components/problem";
import { formatCount } from "../../../lib/format";
import { readSeeds } from "../../../lib/seeds";
import { nextSeeds } from "./next-seeds";

interface AddSeedsDialogProps {
  results: ExperimentResults;
  isOpen: boolean;
  onClose: () => void;
}

/** Runs the same configuration with more seeds. */
export function AddSeedsDialog({ results, isOpen, onClose }: AddSeedsDialogProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Add seeds">
      <SeedsForm results={results} onClose={onClose} />
    </Modal>
  );
}

function SeedsForm({ results, onClose }: Omit<AddSeedsDialogProps, "isOpen">) {
  const [typed, setTyped] = useState(() => nextSeeds(results.runs.map((run) => run.seed)));
  const { values, fault } = readSeeds(typed);
  const add = useAddSeeds(results.digest, onClose);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (fault === null) {
          add.mutate(values);
        }
      }}
    >
      <Stack>
        <TextInput
          label="Seeds"
          description="One by one or as a range, such as 3, 4 or 3-7. Each starts one run."
          value={typed}
          error={fault}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
        {add.error !== null && <Problem error={add.error} />}
        <Group justify="space-between">
          <Text size="xs" c="dimmed">
            Same configuration, dataset and stream.
          </Text>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={add.isPending} disabled={fault !== null}>
              Start {formatCount(values.length, "run")}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

function useAddSeeds(digest: string, onAdded: () => void) {
  const client = useQueryClient();
  const keyOf = useIdempotencyKey();
  return useMutation({
    mutationFn: (seeds: number[]) => {
      const body = { seeds };
      const params = { path: { experiment_key: digest }, header: { "Idempotency-Key": keyOf(body) } };
      return unwrap(api.POST("/api/v1/experiments/{experiment_key}/seeds", { params, body }));
    },
    onSuccess: async () => {
      onAdded();
      await client.invalidateQueries({ queryKey: ["experiments"] });
      await client.invalidateQueries({ queryKey: ["runs"] });
    },
  });
}
