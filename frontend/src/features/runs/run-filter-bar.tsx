import { Button, Group, MultiSelect, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback, useHotkeys } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";

import { methodsQuery } from "../../api/queries";
import { KeyHint } from "../../components/key-hint";
import { RUN_STATES, type RunFilters } from "./run-filters";

interface RunFilterBarProps {
  filters: RunFilters;
  onChange: (change: Partial<RunFilters>) => void;
}

/** Narrows the list; every choice goes into the address. */
export function RunFilterBar({ filters, onChange }: RunFilterBarProps) {
  const search = useRef<HTMLInputElement>(null);
  const methods = useQuery(methodsQuery());
  const changeText = useDebouncedCallback((text: string) => onChange({ text }), 200);
  useHotkeys([["/", () => search.current?.focus()]]);
  return (
    <Group gap="xs" align="flex-end">
      <TextInput
        ref={search}
        key={filters.text === "" ? "empty" : "set"}
        label="Search"
        placeholder="name, preset, seed, reason"
        defaultValue={filters.text}
        onChange={(event) => changeText(event.currentTarget.value)}
        autoFocus={filters.text !== ""}
        rightSection={<KeyHint keys="/" />}
        w={240}
      />
      <MultiSelect
        label="State"
        placeholder={filters.states.length === 0 ? "any" : ""}
        data={[...RUN_STATES]}
        value={filters.states}
        onChange={(states) => onChange({ states: states })}
        clearable
        miw={180}
        maw={420}
      />
      <Select
        label="Method"
        placeholder="any"
        data={methods.data?.items.map((method) => ({ value: method.name, label: method.title })) ?? []}
        value={filters.method}
        onChange={(method) => onChange({ method })}
        clearable
        w={220}
      />
      {filters.experimentId !== null && (
        <Button variant="light" onClick={() => onChange({ experimentId: null })} title={filters.experimentId}>
          one experiment only ×
        </Button>
      )}
    </Group>
  );
}
