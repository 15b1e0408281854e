import { Group, Select, Text } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { MethodSummary } from "../../api/types";
import { partsOfBeginning } from "./beginning";
import { presetQuery, presetsQuery } from "./launch-queries";
import { presetFilter } from "./preset-search";

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
      { value: method.name, label: `${method.name}: published values, no preset` },
    ],
  }));
  const parts = partsOfBeginning(chosen);
  const method = methods.find(({ name }) => name === parts.method);
  const preset = useQuery(presetQuery(parts.preset));
  const [isAsked, setIsAsked] = useState(false);
  const listed = useQueries({ queries: methods.map(({ name }) => presetsQuery(name, isAsked)) });
  const presets = listed.flatMap(({ data }) => data?.items ?? []);
  const titles = new Map(presets.map(({ name, title }) => [name, title]));
  const texts = new Map(presets.map(({ name, title, description }) => [name, `${title} ${description}`]));
  return (
    <>
      <Group align="flex-end" gap="md">
        <Select
          label="Begin with"
          data={data}
          value={chosen}
          onChange={(value) => value !== null && value !== chosen && onChoose(value)}
          searchable
          onDropdownOpen={() => setIsAsked(true)}
          filter={presetFilter(texts)}
          renderOption={({ option }) => <PresetOption label={option.label} title={titles.get(option.value)} />}
          nothingFoundMessage="No preset has all these words in its name, title or description"
          maxDropdownHeight={480}
          allowDeselect={false}
          w={420}
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

function PresetOption({ label, title }: { label: string; title: string | undefined }) {
  return (
    <div>
      <Text size="sm">{label}</Text>
      {title !== undefined && (
        <Text size="xs" c="dimmed">
          {title}
        </Text>
      )}
    </div>
  );
}
