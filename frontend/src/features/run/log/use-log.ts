import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import type { RunDetail } from "../../../api/types";
import { type LiveData, logKey, mergeLines } from "../feed/live-data";
import { hitsOf, linesFrom, type LogLevel } from "./log-lines";
import { type LogWindow, logQuery } from "./log-query";

const AROUND = 500;
const MOST_HITS = 1000;

/** Which part of a log is looked at. */
export interface LogPlace {
  stageId: string;
  attempt: number;
  level: LogLevel;
  search: string;
  /** Number of a line far from the end whose surroundings are shown; null shows the end. */
  around: number | null;
}

/** The lines of a place, the end growing by the feed; and the numbers of those that match the search. */
export function useLog(run: RunDetail, live: LiveData, place: LogPlace) {
  const { stageId, attempt, level, search, around } = place;
  const ask = (window: LogWindow) => logQuery(run.id, stageId, attempt, { ...window, level });
  const end = useQuery({ ...ask({}), enabled: stageId !== "" });
  const part = useQuery({
    ...ask({ after: Math.max(0, (around ?? 0) - AROUND - 1), limit: 2 * AROUND }),
    enabled: around !== null,
    placeholderData: keepPreviousData,
  });
  const found = useQuery({ ...ask({ contains: search.trim(), tail: MOST_HITS }), enabled: search.trim() !== "" });
  const came = live.lines[logKey(stageId, attempt)];
  const newest = useMemo(() => mergeLines(end.data?.items ?? [], linesFrom(level, came ?? [])), [end.data, came, level]);
  const hits = useMemo(() => hitsOf(found.data, newest, search), [found.data, newest, search]);
  return { query: around === null ? end : part, lines: around === null ? newest : (part.data?.items ?? []), hits, newest, found };
}
