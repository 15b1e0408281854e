import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { exampleEvent, exampleRunDetail } from "../../testing/examples";
import { serveRun, watchStreams } from "../../testing/fake-run";
import { renderPage } from "../../testing/render-page";
import { patchedRun } from "./feed/run-patch";
import { RunPage } from "./run-page";

vi.mock("../../components/line-chart", () => ({ LineChart: ({ label }: { label: string }) => <div role="img" aria-label={label} /> }));

beforeEach(watchStreams);

const RUN = exampleRunDetail({ id: "run-1", state: "running" });

test("P asks a running run to pause, which says so and can be told to go on", async () => {
  const server = serveRun(RUN)
    .post("/api/v1/runs/{run_id}/pause", () => ({ ...RUN, is_pausing: true }))
    .post("/api/v1/runs/{run_id}/resume", () => RUN);
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  await screen.findByRole("button", { name: /Pause/ });
  fireEvent.keyDown(document.documentElement, { key: "p", code: "KeyP" });
  expect(await screen.findByText("pauses at the next checkpoint")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Pause/ })).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: /Resume/ }));
  expect(await screen.findByRole("button", { name: /Pause/ })).toBeTruthy();
  expect(server.requests.filter((request) => request.startsWith("POST"))).toEqual([
    "POST /api/v1/runs/run-1/pause",
    "POST /api/v1/runs/run-1/resume",
  ]);
});

test("a paused run can be resumed and cancelled, but not paused", async () => {
  serveRun({ ...RUN, state: "paused" });
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  expect(await screen.findByRole("button", { name: /Resume/ })).toBeTruthy();
  expect(screen.getByRole("button", { name: /Cancel/ })).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Pause/ })).toBeNull();
});

test("the feed tells an open page that the run is about to pause, and that it has", () => {
  const state = (seq: number, changes: object) => exampleEvent(seq, "state", { state: "running", reason: null, message: null, ...changes });
  const pausing = patchedRun(RUN, state(11, { is_pausing: true }));
  expect(pausing.is_pausing).toBe(true);
  expect(patchedRun(pausing, state(12, { state: "paused", is_pausing: false }))).toMatchObject({ state: "paused", is_pausing: false });
  expect(patchedRun(RUN, state(11, {})).is_pausing).toBe(false);
});
