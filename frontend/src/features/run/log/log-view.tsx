import { Button, Group, Select, Switch, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useSearchParams } from "react-router";

import type { LogEntry, LogPage, RunDetail } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { Icon } from "../../../components/icon";
import { Panel } from "../../../components/panel";
import { QueryFace } from "../../../components/query-face";
import { formatCount, formatNumber } from "../../../lib/format";
import { LogBox } from "./log-box";
import { LOG_LEVELS, type LogLevel, stepHit } from "./log-lines";
import { LogSearch } from "./log-search";
import { type LiveData, logKey } from "../feed/live-data";
import { useLog } from "./use-log";

const LEVELS = LOG_LEVELS.map((level) => ({ value: level, label: level === "debug" ? "every level" : `${level} and graver` }));

/** What an attempt printed: the newest lines followed, any line found. */
export function LogView({ run, live }: { run: RunDetail; live: LiveData }) {
  const [params, setParams] = useSearchParams();
  const options = run.stages.flatMap((stage) =>
    stage.attempts.map((attempt) => ({
      value: logKey(stage.id, attempt.number),
      label: `stage ${stage.index}, attempt ${attempt.number}`,
    })),
  );
  const wanted = params.get("log");
  const key = options.find((option) => option.value === wanted)?.value ?? options.at(-1)?.value ?? null;
  const choose = (value: string | null) => {
    if (value !== null) {
      params.set("log", value);
      setParams(params, { replace: true, preventScrollReset: true });
    }
  };
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
  const [search, setSearch] = useState("");
  const [words] = useDebouncedValue(search, 250);
  const [level, setLevel] = useState<LogLevel>("debug");
  const [isFollowing, setFollowing] = useState(true);
  const [around, setAround] = useState<number | null>(null);
  const [hit, setHit] = useState<number | null>(null);
  const { query, lines, hits, newest, found } = useLog(run, live, { stageId, attempt, level, search: words, around });
  const follow = (isWanted: boolean) => {
    setFollowing(isWanted);
    if (isWanted) {
      setAround(null);
      setHit(null);
    }
  };
  const step = (direction: 1 | -1) => {
    const next = stepHit(hits.numbers, hit, direction);
    if (next !== null) {
      setFollowing(false);
      setHit(next);
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
        onChange={(value) => setLevel((value ?? "debug"))}
        allowDeselect={false}
        w={150}
      />
      <LogSearch search={search} onSearch={setSearch} hits={hits} isSearching={found.isFetching} at={hit} onStep={step} />
      <Switch size="xs" label="follow" checked={isFollowing} onChange={(event) => follow(event.currentTarget.checked)} />
      <Button
        component="a"
        size="xs"
        variant="default"
        href={`/api/v1/stages/${stageId}/log/text?attempt=${attempt}`}
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
