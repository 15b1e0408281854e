import { Button, Group, Select, Switch, Text } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { useSearchParams } from "react-router";

import type { LogEntry, LogPage, RunDetail } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { Icon } from "../../../components/icon";
import { Panel } from "../../../components/panel";
import { QueryFace } from "../../../components/query-face";
import { useAddressed, useSetAddress } from "../../../lib/address";
import { formatCount, formatNumber } from "../../../lib/format";
import { at } from "../../../lib/place";
import { LogBox } from "./log-box";
import { LOG_LEVELS, type LogLevel, stepHit } from "./log-lines";
import { LogSearch } from "./log-search";
import { type LiveData, logKey } from "../feed/live-data";
import { useLog } from "./use-log";

const LEVELS = LOG_LEVELS.map((level) => ({ value: level, label: level === "debug" ? "every level" : `${level} and graver` }));

/** What an attempt printed: the newest lines followed, any line found. */
export function LogView({ run, live }: { run: RunDetail; live: LiveData }) {
  const [params] = useSearchParams();
  const set = useSetAddress();
  const options = run.stages.flatMap((stage) =>
    stage.attempts.map((attempt) => ({
      value: logKey(stage.id, attempt.number),
      label: `stage ${stage.index}, attempt ${attempt.number}`,
    })),
  );
  const wanted = params.get("log");
  const key = options.find((option) => option.value === wanted)?.value ?? options.at(-1)?.value ?? null;
  // A line and its number belong to one attempt.
  const choose = (value: string | null) => value !== null && set({ log: value, line: null });
  if (key === null) {
    return <EmptyState title="Nothing printed yet">The log begins with the first attempt of the first stage.</EmptyState>;
  }
  const attempt = <Select aria-label="attempt" size="xs" data={options} value={key} onChange={choose} w={180} />;
  return <AttemptLog key={key} run={run} live={live} logOf={key} chooser={attempt} />;
}

interface AttemptLogProps {
  run: RunDetail;
  live: LiveData;
  /** Stage and attempt. */
  logOf: string;
  chooser: React.ReactNode;
}

function AttemptLog({ run, live, logOf, chooser }: AttemptLogProps) {
  const [stageId = "", number = "1"] = logOf.split("/");
  const attempt = Number(number);
  const [params] = useSearchParams();
  const set = useSetAddress();
  const words = params.get("find") ?? "";
  const [search, setSearch] = useState(words);
  const find = useDebouncedCallback((text: string) => set({ find: text === "" ? null : text }), 250);
  const [level, setLevel] = useAddressed<LogLevel>("level", "debug", LOG_LEVELS);
  const hit = lineOf(params.get("line"));
  const [isFollowing, setFollowing] = useState(hit === null);
  const [around, setAround] = useState(hit);
  const { query, lines, hits, newest, found } = useLog(run, live, { stageId, attempt, level, search: words, around });
  const follow = (isWanted: boolean) => {
    setFollowing(isWanted);
    if (isWanted) {
      setAround(null);
      set({ line: null });
    }
  };
  const step = (direction: 1 | -1) => {
    const next = stepHit(hits.numbers, hit, direction);
    if (next !== null) {
      setFollowing(false);
      set({ line: next });
      setAround(newest.some((line) => line.number === next) ? null : next);
    }
  };
  const controls = (
    <Group gap="sm" align="center">
      {chooser}
      <Select
        aria-label="level"
        size="xs"
        data={LEVELS}
        value={level}
        onChange={(value) => setLevel(value ?? "debug")}
        allowDeselect={false}
        w={150}
      />
      <LogSearch search={search} onSearch={(text) => {
          setSearch(text);
          find(text);
        }} hits={hits} isSearching={found.isFetching} at={hit} onStep={step} />
      <Switch size="xs" label="follow" checked={isFollowing} onChange={(event) => follow(event.currentTarget.checked)} />
      <Button
        component="a"
        size="xs"
        variant="default"
        href={at(`/api/v1/stages/${stageId}/log/text?attempt=${attempt}`)}
        leftSection={<Icon name="download" size={14} />}
        download
      >
        Download
      </Button>
    </Group>
  );
  return (
    <Panel title="Log" actions={controls}>
      <QueryFace query={query}>
        {(page) =>
          lines.length === 0 ? (
            <NoLines page={page} />
          ) : (
            <>
              <LogBox lines={lines} search={words} focus={hit} isFollowing={isFollowing && around === null} onFollow={setFollowing} />
              <Text size="xs" c="dimmed">
                {rangeText(lines, page, newest)}
              </Text>
            </>
          )
        }
      </QueryFace>
    </Panel>
  );
}

function lineOf(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function NoLines({ page }: { page: LogPage }) {
  return page.total === 0 ? (
    <EmptyState title="This attempt has printed nothing yet">Its lines appear here as they are printed.</EmptyState>
  ) : (
    <EmptyState title="No line of this level">{formatCount(page.total, "line")} of lower levels are hidden.</EmptyState>
  );
}

function rangeText(lines: readonly LogEntry[], page: LogPage, newest: readonly LogEntry[]): string {
  const total = Math.max(page.total, newest.at(-1)?.number ?? 0);
  const [first, last] = [lines[0]?.number ?? 0, lines.at(-1)?.number ?? 0];
  return `lines ${formatNumber(first)} to ${formatNumber(last)} of ${formatNumber(total)}`;
}
