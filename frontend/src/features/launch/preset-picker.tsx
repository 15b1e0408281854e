import { Group, Select, Text } from "@mantine/core";

import type { MethodSummary } from "../../api/types";

interface PresetPickerProps {
  methods: readonly MethodSummary[];
  /** A preset's full name, or a method's for its published values. */
  chosen: string;
  onChoose: (name: string) => void;
}

/** Where the form begins: a preset, or a method with every published value. */
export function PresetPicker({ methods, chosen, onChoose }: PresetPickerProps) {
  const data = methods.map((method) => ({
    group: method.title,
    items: [
      ...method.presets.map((preset) => ({ value: preset, label: preset })),
      { value: method.name, label: `${method.name}, published values` },
    ],
  }));
  const method = methods.find((candidate) => candidate.name === chosen.split("/")[0]);
  return (
    <Group align="flex-end" gap="md">
      <Select
        label="Begin with"
        data={data}
        value={chosen}
        onChange={(value) => value !== null && onChoose(value)}
        searchable
        allowDeselect={false}
        w={320}
      />
      {method !== undefined && (
        <Text size="xs" c="dimmed" maw={620}>
          {method.summary} {method.publication}
        </Text>
      )}
    </Group>
  );
}
