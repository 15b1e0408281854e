import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useReducer, useRef, useState } from "react";

import { api, unwrap } from "../../../api/client";
import { runQuery } from "../../../api/queries";
import { ENDED_STATES, type FeedEvent, type RunDetail, type Snapshot } from "../../../api/types";
import { at } from "../../../lib/place";
import { FeedConnection } from "./feed-connection";
import type { FeedHandlers, FeedSources, FeedStatus } from "./feed-sources";
import { payloadOf, stalePartsOf, type StalePart } from "./feed-events";
import { changed, type LiveData, NO_LIVE_DATA, onlyCurves } from "./live-data";
import { patchedRun } from "./run-patch";
import { StreamTurn } from "./stream-turn";
import { seriesQuery } from "../curves/series-queries";
import { watchWake } from "./wake-watch";

/** Follows a run while it goes on: the run's data is kept up to date, new points and log lines are gathered. */
export function useRunFeed(runId: string, run: RunDetail | undefined): { live: LiveData; status: FeedStatus } {
  const client = useQueryClient();
  const [live, change] = useReducer(changed, NO_LIVE_DATA);
  const [status, setStatus] = useState<FeedStatus>("connecting");
  const cursor = useRef<number | null>(null);
  const isFollowed = run !== undefined && !ENDED_STATES.has(run.state);
  const start = useRef(0);
  useEffect(() => {
    start.current = run?.event_seq ?? 0;
  }, [run?.event_seq]);

  useEffect(() => {
    if (!isFollowed) {
      return;
    }
    const told = queryHandlers(client, runId);
    const handlers: FeedHandlers = {
      ...told,
      onStatus: setStatus,
      onEvent: (event) => {
        cursor.current = event.seq;
        change(onlyCurves(event, (key) => client.getQueryState(seriesQuery(runId, key).queryKey) !== undefined));
        told.onEvent(event);
      },
      onSnapshot: (snapshot, isReset) => {
        if (isReset) {
          cursor.current = snapshot.seq;
          change({ startAt: snapshot.seq });
        }
        told.onSnapshot(snapshot, isReset);
      },
    };
    const connection = new FeedConnection(sourcesOf(runId), handlers, cursor.current ?? start.current);
    const turn = new StreamTurn(connection);
    turn.settle();
    const endWatch = watchWake(turn.settle);
    return () => {
      endWatch();
      turn.end();
      connection.close();
    };
  }, [client, runId, isFollowed]);

  return { live, status };
}

/** What the feed changes in the data that was asked for. */
function queryHandlers(client: QueryClient, runId: string): Omit<FeedHandlers, "onStatus"> {
  const key = runQuery(runId).queryKey;
  const keysSeen = new Set<string>();
  const askAnew = (parts: readonly StalePart[]) => {
    for (const part of parts) {
      void client.invalidateQueries({ queryKey: part === "run" ? key : ["run-data", runId, part], exact: part === "run" });
    }
  };
  return {
    onEvent: (event: FeedEvent) => {
      client.setQueryData(key, (known) => (known === undefined ? known : patchedRun(known, event)));
      askAnew(stalePartsOf(event));
      const names = payloadOf(event, "metric")?.points.map((point) => point.key) ?? [];
      if (names.some((name) => !keysSeen.has(name))) {
        names.forEach((name) => keysSeen.add(name));
        void client.invalidateQueries({ queryKey: ["run-data", runId, "series", "keys"] });
      }
    },
    onSnapshot: (snapshot: Snapshot, isReset: boolean) => {
      client.setQueryData(key, snapshot.run);
      if (isReset) {
        askAnew(["step-table", "predictions", "series", "artifacts", "memory", "rounds"]);
        void client.invalidateQueries({ queryKey: ["run-data", runId, "log"] });
      }
    },
    onGone: () => askAnew(["run"]),
  };
}

function sourcesOf(runId: string): FeedSources {
  return {
    openStream: (after) => new EventSource(at(`/api/v1/runs/${runId}/events?after=${after}`)),
    readPage: (after) => {
      const params = { path: { run_id: runId }, query: { after, limit: 1000 } };
      return unwrap(api.GET("/api/v1/runs/{run_id}/events", { params }));
    },
  };
}
