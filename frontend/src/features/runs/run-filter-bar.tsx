import { Button, Group, MultiSelect, Select, Switch, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { memo, useRef } from "react";

import { methodsQuery } from "../../api/queries";
import type { RunChoices } from "../../api/types";
import { KeyHint } from "../../components/key-hint";
import { useKeys } from "../../lib/keys";
import { GROUPS, RUN_STATES, type RunFilters } from "./run-filters";

interface RunFilterBarProps {
  filters: RunFilters;
  choices: RunChoices | undefined;
  onChange: (change: Partial<RunFilters>) => void;
}

/** Narrows the list; every choice goes into the address. Drawn anew only when it changes, not with every page of the list. */
export const RunFilterBar = memo(function RunFilterBar({ filters, choices, onChange }: RunFilterBarProps) {
  const methods = useQuery(methodsQuery());
  return (
    <Group gap="xs" align="flex-end">
      <SearchField text={filters.text} onChange={(text) => onChange({ text })} />
      <MultiSelect
        label="State"
        placeholder={filters.states.length === 0 ? "any" : ""}
        data={[...RUN_STATES]}
        value={filters.states}
        onChange={(states) => onChange({ states: states })}
        clearable
        miw={130}
        maw={320}
      />
      <Select
        label="Method"
        placeholder="any"
        data={methods.data?.items.map((method) => ({ value: method.name, label: method.title })) ?? []}
        value={filters.method}
        onChange={(method) => onChange({ method })}
        clearable
        w={170}
      />
      <Select
        label="Dataset"
        placeholder="any"
        data={withChosen(choices?.datasets, filters.dataset === null ? [] : [filters.dataset])}
        value={filters.dataset}
        onChange={(dataset) => onChange({ dataset })}
        searchable
        clearable
        w={150}
      />
      <MultiSelect
        label="Tags"
        placeholder={filters.tags.length === 0 ? "any" : ""}
        data={withChosen(choices?.tags, filters.tags)}
        value={filters.tags}
        onChange={(tags) => onChange({ tags })}
        searchable
        clearable
        nothingFoundMessage="no run has this tag"
        miw={140}
        maw={320}
      />
      <Select
        label="Group by"
        placeholder="nothing"
        data={[...GROUPS]}
        value={filters.group}
        onChange={(group) => onChange({ group })}
        clearable
        w={140}
      />
      <Switch
        label="Archived"
        checked={filters.isArchived}
        onChange={(event) => onChange({ isArchived: event.currentTarget.checked })}
        mb={8}
      />
      {filters.experimentId !== null && (
        <Button variant="light" onClick={() => onChange({ experimentId: null })} title={filters.experimentId}>
          one experiment only ×
        </Button>
      )}
    </Group>
  );
});

function SearchField({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const changeLater = useDebouncedCallback(onChange, 250);
  useKeys({ "/": () => field.current?.focus() });
  return (
    <TextInput
      ref={field}
      // Cleared from elsewhere, the field begins anew.
      key={text === "" ? "empty" : "set"}
      label="Search"
      placeholder="name, notes, dataset, id"
      defaultValue={text}
      maxLength={200}
      onChange={(event) => changeLater(event.currentTarget.value)}
      autoFocus={text !== ""}
      rightSection={<KeyHint keys="/" />}
      w={220}
    />
  );
}

/** What can be chosen, and what is chosen in any case. */
function withChosen(known: readonly string[] | undefined, chosen: readonly string[]): string[] {
  return [...new Set([...(known ?? []), ...chosen])];
}
