import { type ComboboxData, Select, Text } from "@mantine/core";

import { type DatasetChoice, ofLayout } from "./choices";

interface DatasetSelectProps {
  choices: readonly DatasetChoice[];
  /** Null where the document names a dataset that is none of them. */
  chosen: DatasetChoice | null;
  /** Offers only this layout; null offers everything. */
  wantedAdapter: string | null;
  faults: readonly string[];
  onChoose: (choice: DatasetChoice) => void;
}

/** A list of datasets that can be searched, by where they are from. */
export function DatasetSelect({ choices, chosen, wantedAdapter, faults, onChoose }: DatasetSelectProps) {
  const offered = ofLayout(choices, wantedAdapter);
  const byKey = new Map(choices.map((choice) => [choice.key, choice]));
  return (
    <Select
      label="Dataset"
      description={chosen?.hint}
      inputWrapperOrder={["label", "input", "error", "description"]}
      placeholder={wantedAdapter === null ? "choose a dataset" : `choose a folder in the ${wantedAdapter} layout`}
      nothingFoundMessage="no dataset matches"
      data={grouped(offered)}
      value={chosen?.key ?? null}
      onChange={(key) => {
        const choice = byKey.get(key ?? "");
        if (choice !== undefined) {
          onChoose(choice);
        }
      }}
      error={faults.length > 0 ? faults.join("; ") : null}
      allowDeselect={false}
      searchable
      maxDropdownHeight={360}
      renderOption={({ option }) => (
        <div style={{ minWidth: 0 }}>
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {option.label}
          </Text>
          <Text size="xs" c="dimmed">
            {byKey.get(option.value)?.hint}
          </Text>
        </div>
      )}
    />
  );
}

function grouped(choices: readonly DatasetChoice[]): ComboboxData {
  const groups = [...new Set(choices.map((choice) => choice.group))];
  return groups.map((group) => ({
    group,
    items: choices.filter((choice) => choice.group === group).map(({ key, label }) => ({ value: key, label })),
  }));
}
