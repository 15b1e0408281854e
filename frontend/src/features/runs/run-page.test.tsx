import { act, fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import type { RunDetail } from "../../api/types";
import { exampleAttempt, exampleEvent, exampleRunDetail, exampleStage, exampleStepTable } from "../../testing/examples";
import { FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { RunPage } from "./run-page";

vi.mock("../../components/line-chart", () => ({
  LineChart: ({ label, x }: { label: string; x: number[] }) => <div role="img" aria-label={label} data-places={x.join(" ")} />,
}));

const streams: FakeStream[] = [];

class FakeStream extends EventTarget {
  readyState = 1;
  constructor(readonly url: string) {
    super();
    streams.push(this);
  }
  close(): void {
    this.readyState = 2;
  }
}

const LINES = [{ number: 1, level: "info", text: "step 0 begins", at: "" }];

function serve(run: RunDetail): FakeServer {
  const noKeys = { items: [{ key: "loss", direction: "min", count: 1, last: null, best: null }], next_cursor: null };
  return new FakeServer()
    .get("/api/v1/runs/{run_id}", () => run)
    .get("/api/v1/runs/{run_id}/step-table", () => exampleStepTable())
    .get("/api/v1/runs/{run_id}/series", () => noKeys as never)
    .get("/api/v1/runs/{run_id}/series/{key}", () => ({
      key: "loss",
      count: 1,
      downsampled: false,
      points: [{ stage_index: 0, iteration: 10, value: 1, attempt: 1, is_hidden: false }],
    }))
    .get("/api/v1/stages/{stage_id}/log", () => ({ stage_id: "stage-0", attempt: 1, items: LINES, next_after: 1, total: 1 }));
}

beforeEach(() => {
  streams.length = 0;
  vi.stubGlobal("EventSource", FakeStream);
});

function say(type: string, seq: number, payload: Record<string, unknown>): void {
  act(() => {
    streams.at(-1)?.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(exampleEvent(seq, type, payload)) }));
  });
}

test("the table shows value and drop of each class, worst forgotten first", async () => {
  serve(exampleRunDetail({ state: "succeeded" }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  const rows = within(await screen.findByLabelText("IoU by class and step")).getAllByRole("row");
  expect(rows.map((row) => row.textContent).slice(1, 4)).toEqual([
    "ballstep 080.0learnt50.0▼ 30.0",
    "backgroundalways90.0learnt90.0= 0.0",
    "cratestep 1·40.0learnt",
  ]);
});

test("the stream begins behind the run that was read, and moves progress and curves", async () => {
  serve(exampleRunDetail({ id: "run-1" }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  await screen.findByLabelText("loss");
  expect(streams.map((stream) => stream.url)).toEqual(["/api/v1/runs/run-1/events?after=10"]);
  const points = [{ key: "loss", iteration: 20, value: 0.5 }];
  say("metric", 11, { stage_id: "stage-0", index: 0, attempt: 1, points });
  say("metric", 11, { stage_id: "stage-0", index: 0, attempt: 1, points });
  say("progress", 12, {
    stage_id: "stage-0",
    index: 0,
    phase: "train",
    iteration: 200,
    total: 400,
    images_per_second: 50,
    seconds_left: 30,
  });
  expect(screen.getByLabelText("loss").dataset.places).toBe("10 20");
  expect(screen.getByText("train, 200 of 400, 50 images/s, 30 s left")).toBeTruthy();
  expect(screen.getByText("about 1 min 30 s")).toBeTruthy();
});

test("live log lines follow the stored ones, each once", async () => {
  serve(exampleRunDetail({ id: "run-1" }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1?tab=log");
  await screen.findByText("step 0 begins");
  const lines = [LINES[0], { number: 2, level: "error", text: "loss is NaN" }];
  say("log", 11, { stage_id: "stage-0", attempt: 1, lines });
  expect(within(screen.getByRole("log")).getAllByText(/step 0 begins|loss is NaN/)).toHaveLength(2);
  fireEvent.change(screen.getByLabelText("search in the log"), { target: { value: "nan" } });
  expect(screen.getByText("1 of 2 lines match")).toBeTruthy();
});

test("a failed run says what happened, why most likely, and what helps", async () => {
  const stages = [exampleStage(0, { state: "failed", attempts: [exampleAttempt({ state: "failed" })] })];
  serve(exampleRunDetail({ state: "failed", reason: "non_finite_loss", message: "loss became NaN at iteration 40", stages }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  expect(await screen.findByText("Failed in stage 0 (train), attempt 1: non finite loss")).toBeTruthy();
  expect(screen.getByText("loss became NaN at iteration 40")).toBeTruthy();
  expect(screen.getByText(/learning rate that is too high/)).toBeTruthy();
  expect(await screen.findByText("The last 1 lines of the log")).toBeTruthy();
  expect(screen.getByRole("button", { name: /Resume/ })).toBeTruthy();
});

test("a run that does not exist is a problem with its request id", async () => {
  new FakeServer();
  renderPage(RunPage, "/runs/:runId", "/runs/none");
  expect(await screen.findByText("There is no such thing")).toBeTruthy();
  expect(screen.getByText("request-1")).toBeTruthy();
});
