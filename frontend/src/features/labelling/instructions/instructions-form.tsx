import { Group, Select, SimpleGrid, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { ClassLabel, HandOut } from "../../../api/types";
import { useAuthor } from "../author/use-author";
import { DialogFoot } from "../rounds/dialog-foot";
import { handOutQuery, type Instructions, tellPeople } from "./hand-out-query";
import { InstructionsText } from "./instructions-text";

const MAX_CHARACTERS = 20_000;

interface InstructionsFormProps {
  shown: HandOut;
  classes: readonly ClassLabel[];
  onEnd: () => void;
}

/** What people are told, written on the left and shown on the right as they will see it. */
export function InstructionsForm({ shown, classes, onEnd }: InstructionsFormProps) {
  const { author } = useAuthor();
  const client = useQueryClient();
  const [told, setTold] = useState<Instructions>({ instructions: shown.instructions, class_instructions: shown.class_instructions });
  const save = useMutation({
    mutationFn: () => tellPeople(shown, author, told),
    onSuccess: (changed) => {
      client.setQueryData(handOutQuery(shown.stage_id).queryKey, changed);
      notifications.show({ color: "teal", message: "The instructions are changed." });
      onEnd();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack>
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
          <Stack>
            <Textarea
              label="About the round"
              description="Markdown: **bold**, *italic*, lists, [links](https://…), ![pictures of the service](/api/v1/…)."
              autosize
              minRows={6}
              maxRows={24}
              maxLength={MAX_CHARACTERS}
              data-autofocus
              value={told.instructions}
              onChange={(event) => setTold({ ...told, instructions: event.currentTarget.value })}
            />
            <ClassFields told={told} classes={classes} onChange={setTold} />
          </Stack>
          <section aria-label="as people see it">
            <Text size="xs" c="dimmed" mb="xs">
              As people see it
            </Text>
            <Stack gap="md">
              <InstructionsText told={told} classes={classes} />
            </Stack>
          </section>
        </SimpleGrid>
        <DialogFoot label="Save" isReady={author !== ""} isPending={save.isPending} error={save.error} onClose={onEnd} />
      </Stack>
    </form>
  );
}

interface ClassFieldsProps {
  told: Instructions;
  classes: readonly ClassLabel[];
  onChange: (told: Instructions) => void;
}

function ClassFields({ told, classes, onChange }: ClassFieldsProps) {
  const [name, setName] = useState(classes[0]?.name ?? null);
  const ofClasses = told.class_instructions;
  const write = (text: string) => {
    const others = Object.entries(ofClasses).filter(([known]) => known !== name);
    const own: [string, string][] = name === null || text === "" ? [] : [[name, text]];
    onChange({ ...told, class_instructions: Object.fromEntries([...others, ...own]) });
  };
  return (
    <Group align="flex-start" wrap="nowrap">
      <Select
        label="About a class"
        w={200}
        searchable
        allowDeselect={false}
        data={classes.map((label) => ({ value: label.name, label: label.name in ofClasses ? `${label.name} ✓` : label.name }))}
        value={name}
        onChange={setName}
      />
      <Textarea
        label={name === null ? "What people are told about it" : `What people are told about ${name}`}
        flex={1}
        autosize
        minRows={3}
        maxRows={16}
        maxLength={MAX_CHARACTERS}
        disabled={name === null}
        value={name === null ? "" : (ofClasses[name] ?? "")}
        onChange={(event) => write(event.currentTarget.value)}
      />
    </Group>
  );
}
