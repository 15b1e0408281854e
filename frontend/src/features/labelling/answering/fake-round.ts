import { fireEvent } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";

import type { NextQuery, QueryDetail, StageDetail } from "../../../api/types";
import { ANSWERABLE, COUNTS, exampleAnswer, exampleQuery, exampleQueryDetail, exampleRounds } from "../../../testing/example-rounds";
import { exampleRunDetail, exampleStage } from "../../../testing/examples";
import { FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { RoundPage } from "./round-page";

/** Let ann work in every test of a file, by a clock that stands still, without a canvas, which jsdom lacks. */
export function asAnn() {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
    localStorage.setItem("palimpsest.author", JSON.stringify("ann"));
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** Long after the tests. */
export const SOON = "2099-01-01T00:00:00.000Z";
/** A query that ann has. */
export const HELD = { state: "leased", author: "ann", lease_until: SOON } as const;

/** A label stage that waits for people. */
export function stage(changes: Partial<StageDetail> = {}): StageDetail {
  const shared = exampleStage(2, { kind: "label", state: "waiting_annotation" });
  return { ...shared, run_id: "run-1", inputs: {}, outputs: [], history: [], ...changes, attempts: [] };
}

/** A service that leases the queries 0 and 1, one after the other. */
export function serve(): FakeServer {
  let leased = 0;
  return new FakeServer()
    .get("/api/v1/stages/{stage_id}", () => stage())
    .get("/api/v1/runs/{run_id}", () => exampleRunDetail({ id: "run-1", experiment_name: "two cities" }))
    .get("/api/v1/runs/{run_id}/rounds", () => exampleRounds())
    .get("/api/v1/queries/{query_id}", ({ parts }) => exampleQueryDetail(Number(parts[0]?.slice(-1)), HELD))
    .get("/api/v1/stages/{stage_id}/queries", () => ({ items: [exampleQuery(0), exampleQuery(1)], next_cursor: null, counts: COUNTS, ...ANSWERABLE }))
    .post("/api/v1/stages/{stage_id}/queries/next", () => {
      leased += 1;
      return nextQuery(leased > 2 ? null : exampleQueryDetail(leased - 1, HELD));
    });
}

/** What is answered to who wants the next query. */
export function nextQuery(query: QueryDetail | null, changes: Partial<NextQuery> = {}): NextQuery {
  return { query, leased_to_you: false, leased_to_others: 0, free_at: null, counts: COUNTS, ...changes };
}

/** Let the first second of a query pass, in which keys do nothing. */
export function settle() {
  vi.setSystemTime(Date.now() + 1000);
}

/** Show the page of the round. */
export function open(query = "") {
  return renderPage(RoundPage, "/labelling/:stageId", `/labelling/stage-2${query}`);
}

/** Press a letter. */
export function press(key: string) {
  fireEvent.keyDown(document.documentElement, { key, code: `Key${key.toUpperCase()}` });
}

/** What is answered to an answer. */
export const submission = (warnings: string[] = []) => ({ annotation: exampleAnswer(1), warnings, counts: COUNTS, closes_at: null, is_round_closed: false });

/** The body of the first request that begins so. */
export function sent(server: FakeServer, request: string): unknown {
  return server.bodies[server.requests.findIndex((known) => known.startsWith(request))];
}
