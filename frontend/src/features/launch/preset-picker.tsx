import { Group, Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { MethodSummary } from "../../api/types";
import { partsOfBeginning } from "./beginning";
import { presetQuery } from "./launch-queries";

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
  const parts = partsOfBeginning(chosen);
  const method = methods.find(({ name }) => name === parts.method);
  const preset = useQuery(presetQuery(parts.preset));
  return (
    <>
      <Group align="flex-end" gap="md">
        <Select
          label="Begin with"
          data={data}
          value={chosen}
          onChange={(value) => value !== null && value !== chosen && onChoose(value)}
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
      {parts.preset !== null && preset.data !== undefined && (
        <Text size="sm" maw={900}>
          {preset.data.description}
        </Text>
      )}
    </>
  );
}
