import { Group, Select, Switch, Text, TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";

import type { RunDetail } from "../../api/types";
import { EmptyState } from "../../components/empty-state";
import { KeyHint } from "../../components/key-hint";
import { Panel } from "../../components/panel";
import { QueryFace } from "../../components/query-face";
import { LogBox } from "./log-box";
import { matchingLines } from "./log-lines";
import { type LiveData, logKey, mergeLines } from "./live-data";
import { logQuery } from "./run-queries";

/** What an attempt printed: the newest lines followed, any line found. */
export function LogView({ run, live }: { run: RunDetail; live: LiveData }) {
  const [params, setParams] = useSearchParams();
  const [search, setSearch] = useState("");
  const [isFollowing, setFollowing] = useState(true);
  const searchBox = useRef<HTMLInputElement>(null);
  useHotkeys([["/", () => searchBox.current?.focus()]]);
  const options = run.stages.flatMap((stage) =>
    stage.attempts.map((attempt) => ({
      value: logKey(stage.id, attempt.number),
      label: `stage ${stage.index}, attempt ${attempt.number}`,
    })),
  );
  const wanted = params.get("log");
  const key = options.find((option) => option.value === wanted)?.value ?? options.at(-1)?.value ?? null;
  const [stageId = "", attempt = ""] = key?.split("/") ?? [];
  const query = useQuery({ ...logQuery(stageId, Number(attempt)), enabled: key !== null });
  const lines = useMemo(() => mergeLines(query.data?.items ?? [], live.lines[key ?? ""] ?? []), [query.data, live.lines, key]);
  const choose = (value: string | null) => {
    if (value !== null) {
      params.set("log", value);
      setParams(params, { replace: true, preventScrollReset: true });
    }
  };
  if (key === null) {
    return <EmptyState title="Nothing printed yet">The log begins with the first attempt of the first stage.</EmptyState>;
  }
  const shown = matchingLines(lines, search);
  const controls = (
    <Group gap="sm" align="center">
      <Select aria-label="attempt" size="xs" data={options} value={key} onChange={choose} w={200} />
      <TextInput
        ref={searchBox}
        aria-label="search in the log"
        placeholder="search"
        size="xs"
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        rightSection={<KeyHint keys="/" />}
      />
      <Switch size="xs" label="follow" checked={isFollowing} onChange={(event) => setFollowing(event.currentTarget.checked)} />
    </Group>
  );
  return (
    <Panel title="Log" actions={controls}>
      <QueryFace query={query}>
        {(page) => (
          <>
            {lines.length === 0 ? (
              <EmptyState title="This attempt has printed nothing yet">Its lines appear here as they are printed.</EmptyState>
            ) : (
              <LogBox lines={shown} search={search} isFollowing={isFollowing} onFollow={setFollowing} />
            )}
            <Text size="xs" c="dimmed">
              {search === ""
                ? `${lines.length} of ${Math.max(page.total, lines.at(-1)?.number ?? 0)} lines`
                : `${shown.length} of ${lines.length} lines match`}
            </Text>
          </>
        )}
      </QueryFace>
    </Panel>
  );
}
