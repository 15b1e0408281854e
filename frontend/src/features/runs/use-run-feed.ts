import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useReducer, useRef, useState } from "react";

import { api, unwrap } from "../../api/client";
import { runQuery } from "../../api/queries";
import { ENDED_STATES, type FeedEvent, type FeedPage, type RunDetail } from "../../api/types";
import { FeedConnection, type FeedSources, type FeedStatus } from "./feed-connection";
import { stalePartsOf, type StalePart } from "./feed-events";
import { type LiveData, NO_LIVE_DATA, withEvent } from "./live-data";
import { patchedRun } from "./run-patch";

/** Follows a run while it goes on: the run's data is kept up to date, new points and log lines are gathered. */
export function useRunFeed(runId: string, run: RunDetail | undefined): { live: LiveData; status: FeedStatus } {
  const client = useQueryClient();
  const [live, take] = useReducer(withEvent, NO_LIVE_DATA);
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
    const key = runQuery(runId).queryKey;
    const askAnew = (parts: readonly StalePart[]) => {
      for (const part of parts) {
        void client.invalidateQueries({ queryKey: part === "run" ? key : ["run-data", runId, part], exact: part === "run" });
      }
    };
    const onEvent = (event: FeedEvent) => {
      cursor.current = event.seq;
      take(event);
      client.setQueryData(key, (known) => (known === undefined ? known : patchedRun(known, event)));
      askAnew(stalePartsOf(event));
    };
    const handlers = {
      onEvent,
      onStatus: setStatus,
      onSnapshot: (snapshot: { run: RunDetail }, isReset: boolean) => {
        client.setQueryData(key, snapshot.run);
        if (isReset) {
          askAnew(["step-table", "series", "artifacts", "memory"]);
        }
      },
      onGone: () => void client.invalidateQueries({ queryKey: key, exact: true }),
    };
    const connection = new FeedConnection(sourcesOf(runId), handlers, cursor.current ?? start.current);
    connection.open();
    return () => connection.close();
  }, [client, runId, isFollowed]);

  return { live, status };
}

function sourcesOf(runId: string): FeedSources {
  return {
    openStream: (after) => new EventSource(`/api/v1/runs/${runId}/events?after=${after}`),
    readPage: async (after) => {
      const params = { path: { run_id: runId }, query: { after, limit: 1000 } };
      // The same address answers with a stream where one is asked for; JSON is asked for here.
      return (await unwrap(api.GET("/api/v1/runs/{run_id}/events", { params }))) as FeedPage;
    },
  };
}
