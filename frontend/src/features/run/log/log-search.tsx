import { ActionIcon, Group, Text, TextInput } from "@mantine/core";
import { useRef } from "react";

import { Icon } from "../../../components/icon";
import { KeyHint } from "../../../components/key-hint";
import { formatCount, formatNumber } from "../../../lib/format";
import { useKeys } from "../../../lib/keys";
import type { Hits } from "./log-lines";

interface LogSearchProps {
  search: string;
  onSearch: (search: string) => void;
  hits: Hits;
  isSearching: boolean;
  /** Number of the line that was stepped to last. */
  at: number | null;
  onStep: (direction: 1 | -1) => void;
}

/** Words to look for, and steps from one line that holds them to the next. */
export function LogSearch({ search, onSearch, hits, isSearching, at, onStep }: LogSearchProps) {
  const box = useRef<HTMLInputElement>(null);
  useKeys({ "/": () => box.current?.focus() });
  const isEmpty = hits.numbers.length === 0;
  return (
    <Group gap={4} wrap="nowrap">
      <TextInput
        ref={box}
        aria-label="search in the log"
        placeholder="search"
        size="xs"
        maxLength={200}
        value={search}
        onChange={(event) => onSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            onStep(event.shiftKey ? -1 : 1);
          }
        }}
        rightSection={<KeyHint keys="/" />}
      />
      {search.trim() !== "" && (
        <>
          <ActionIcon variant="default" aria-label="line before (Shift Enter)" disabled={isEmpty} onClick={() => onStep(-1)}>
            <Icon name="up" size={14} />
          </ActionIcon>
          <ActionIcon variant="default" aria-label="next line (Enter)" disabled={isEmpty} onClick={() => onStep(1)}>
            <Icon name="down" size={14} />
          </ActionIcon>
          <Text size="xs" role="status" style={{ whiteSpace: "nowrap" }}>
            {isSearching ? "searching …" : hitText(hits, at)}
          </Text>
        </>
      )}
    </Group>
  );
}

function hitText({ numbers, earlier }: Hits, at: number | null): string {
  const total = numbers.length + earlier;
  if (total === 0) {
    return "no line matches";
  }
  const place = at === null ? -1 : numbers.indexOf(at);
  const lines = formatCount(total, "line");
  return place < 0 ? lines : `${formatNumber(earlier + place + 1)} of ${lines}`;
}
