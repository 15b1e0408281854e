import { Group, MultiSelect, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { formatCount } from "../../../lib/format";
import { MOST_SHOWN } from "./curve-axis";
import { seriesGroupsQuery, seriesKeysQuery } from "./series-queries";

interface CurveChoiceProps {
  runId: string;
  shown: readonly string[];
  onChoose: (keys: string[]) => void;
}

/** Which curves are drawn: found by their group and by any part of their name, however many there are. */
export function CurveChoice({ runId, shown, onChoose }: CurveChoiceProps) {
  const [prefix, setPrefix] = useState<string | null>(null);
  const [search, setSearch] = useState("");
  const [contains] = useDebouncedValue(search, 250);
  const groups = useQuery(seriesGroupsQuery(runId));
  const found = useQuery({ ...seriesKeysQuery(runId, prefix ?? "", contains), placeholderData: keepPreviousData });
  const keys = found.data?.items.map((item) => item.key) ?? [];
  const total = groups.data?.keys ?? 0;
  const isCut = (found.data?.next_cursor ?? null) !== null;
  return (
    <Group align="flex-end" gap="sm">
      <Select
        label="Group"
        placeholder={`all ${formatCount(total, "curve")}`}
        data={groups.data?.items.map((group) => ({ value: group.prefix, label: `${group.prefix} (${group.count})` })) ?? []}
        value={prefix}
        onChange={setPrefix}
        searchable
        clearable
        limit={100}
        w={200}
      />
      <MultiSelect
        label="Shown"
        description={isCut ? `the first ${keys.length} that match are listed; type to find others` : undefined}
        inputWrapperOrder={["label", "input", "description"]}
        data={[...new Set([...shown, ...keys])]}
        // What matches was found by the service.
        filter={({ options }) => options}
        value={[...shown]}
        onChange={onChoose}
        maxValues={MOST_SHOWN}
        searchable
        searchValue={search}
        onSearchChange={setSearch}
        maxDropdownHeight={260}
        hidePickedOptions
        nothingFoundMessage="no curve has such a name"
        style={{ flex: 1, minWidth: 240 }}
      />
    </Group>
  );
}
