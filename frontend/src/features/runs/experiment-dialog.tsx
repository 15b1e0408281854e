import { Button, Group, Modal, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, unwrap } from "../../api/client";
import { experimentQuery } from "../../api/queries";
import type { ExperimentDetail } from "../../api/types";
import { Problem } from "../../components/problem";
import { QueryFace } from "../../components/query-face";
import { withoutOldValues } from "./tag-list";

interface ExperimentDialogProps {
  /** Whose labels are changed; null keeps the dialog closed. */
  experimentId: string | null;
  knownTags: readonly string[];
  onClose: () => void;
}

/** Name, tags and notes of an experiment, and so of each of its runs. */
export function ExperimentDialog({ experimentId, knownTags, onClose }: ExperimentDialogProps) {
  // Asked anew at each opening: another person may have changed them.
  const experiment = useQuery({ ...experimentQuery(experimentId ?? ""), enabled: experimentId !== null, refetchOnMount: "always" });
  return (
    <Modal opened={experimentId !== null} onClose={onClose} title="Name, tags and notes" size="lg">
      <QueryFace query={experiment}>
        {(known) => <LabelForm key={known.revision} experiment={known} knownTags={knownTags} onClose={onClose} />}
      </QueryFace>
    </Modal>
  );
}

interface LabelFormProps {
  experiment: ExperimentDetail;
  knownTags: readonly string[];
  onClose: () => void;
}

function LabelForm({ experiment, knownTags, onClose }: LabelFormProps) {
  const [labels, setLabels] = useState({ name: experiment.name, tags: experiment.tags, notes: experiment.notes });
  const change = (part: Partial<typeof labels>) => setLabels((before) => ({ ...before, ...part }));
  const save = useSaveLabels(experiment, onClose);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(labels);
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          value={labels.name}
          maxLength={200}
          required
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <TagsInput
          label="Tags"
          description="key or key=value. Enter adds the tag; a new value replaces the old one of the same key."
          data={[...knownTags]}
          value={labels.tags}
          maxTags={100}
          onChange={(tags) => change({ tags: withoutOldValues(tags) })}
          acceptValueOnBlur
          data-autofocus
        />
        <Textarea
          label="Notes"
          description="Shown as plain text."
          value={labels.notes}
          maxLength={65_536}
          autosize
          minRows={4}
          maxRows={14}
          onChange={(event) => change({ notes: event.currentTarget.value })}
        />
        {save.error && <Problem error={save.error} />}
        <Group justify="space-between">
          <Text size="xs" c="dimmed">
            Name, tags and notes belong to the experiment: the runs of all its seeds show them.
          </Text>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}> Cancel </Button>
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

function useSaveLabels(experiment: ExperimentDetail, onSaved: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Pick<ExperimentDetail, "name" | "tags" | "notes">) =>
      unwrap(
        api.PATCH("/api/v1/experiments/{experiment_id}", {
          params: { path: { experiment_id: experiment.id }, header: { "if-match": `"${experiment.revision}"` } },
          body,
        }),
      ),
    onSuccess: async (saved) => {
      client.setQueryData(experimentQuery(saved.id).queryKey, saved);
      onSaved();
      await client.invalidateQueries({ queryKey: ["runs", "fresh"] });
      await client.invalidateQueries({ queryKey: ["runs", "choices"] });
    },
  });
}
