import { Button, Group, MultiSelect, Stack, Text, Textarea, TextInput } from "@mantine/core";

import { overrideFault, type OverrideDraft } from "./matrix-body";

interface OverrideLinesProps {
  overrides: readonly OverrideDraft[];
  methods: readonly string[];
  onChange: (overrides: readonly OverrideDraft[]) => void;
}

/** Named overrides: each is laid over every method, or over those that it is for. */
export function OverrideLines({ overrides, methods, onChange }: OverrideLinesProps) {
  const change = (id: number, part: Partial<OverrideDraft>) => onChange(overrides.map((one) => (one.id === id ? { ...one, ...part } : one)));
  const add = () => onChange([...overrides, { id: Math.max(0, ...overrides.map(({ id }) => id)) + 1, name: "", text: "", only: [] }]);
  return (
    <Stack gap="xs" role="group" aria-label="overrides">
      <Text size="sm" fw={500}>
        Overrides
      </Text>
      <Text size="xs" c="dimmed">
        Without any, the methods run as they are. With some, add one without settings to run them as they are, too.
      </Text>
      {overrides.map((override, place) => (
        <OverrideLine
          key={override.id}
          override={override}
          place={place + 1}
          methods={methods}
          onChange={(part) => change(override.id, part)}
          onRemove={() => onChange(overrides.filter(({ id }) => id !== override.id))}
        />
      ))}
      <Group>
        <Button size="xs" variant="default" onClick={add}>
          Add an override
        </Button>
      </Group>
    </Stack>
  );
}

interface OverrideLineProps {
  override: OverrideDraft;
  /** Counted from one. */
  place: number;
  methods: readonly string[];
  onChange: (part: Partial<OverrideDraft>) => void;
  onRemove: () => void;
}

function OverrideLine({ override, place, methods, onChange, onRemove }: OverrideLineProps) {
  const fault = overrideFault(override);
  const isNameless = override.name.trim() === "";
  return (
    <Group align="flex-start" gap="sm" role="group" aria-label={`override ${place}`}>
      <TextInput
        label="Name"
        value={override.name}
        maxLength={100}
        error={isNameless ? fault : undefined}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        w={200}
      />
      <Textarea
        label="Settings"
        placeholder={"config.memory.size: 12"}
        value={override.text}
        error={isNameless ? undefined : fault}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
        autosize
        minRows={1}
        maxRows={12}
        style={{ flex: 1, minWidth: 260 }}
      />
      <MultiSelect
        label="Only for"
        placeholder={override.only.length === 0 ? "all methods" : undefined}
        data={[...new Set([...methods, ...override.only])]}
        value={[...override.only]}
        onChange={(only) => onChange({ only })}
        w={220}
      />
      <Button variant="default" mt={25} onClick={onRemove} aria-label={`remove override ${place}`}>
        Remove
      </Button>
    </Group>
  );
}
