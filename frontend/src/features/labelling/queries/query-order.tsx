import { Select } from "@mantine/core";

import { QUERY_SORTS } from "../../../api/round-queries";
import type { QuerySort } from "../../../api/types";

const WORDS: Record<QuerySort, string> = {
  rank: "most wanted first",
  class: "by main class",
  image: "by image",
  group: "by group",
  pixels: "by size",
};

interface QueryOrderProps {
  value: QuerySort;
  onChange: (sort: QuerySort) => void;
}

/** In which order queries are shown. */
export function QueryOrder({ value, onChange }: QueryOrderProps) {
  return (
    <Select
      size="xs"
      w={170}
      aria-label="order of queries"
      data={QUERY_SORTS.map((sort) => ({ value: sort, label: WORDS[sort] }))}
      value={value}
      allowDeselect={false}
      onChange={(sort) => sort !== null && onChange(sort)}
    />
  );
}
