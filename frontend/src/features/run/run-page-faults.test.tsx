import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { noteServerTime } from "../../api/server-clock";
import { exampleRunDetail } from "../../testing/examples";
import { logAnswer, say, serveRun, streams, watchStreams } from "../../testing/fake-run";
import { FakeProblem, FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { RunPage } from "./run-page";

vi.mock("../../components/line-chart", () => ({
  LineChart: ({ label, x }: { label: string; x: number[] }) => <div role="img" aria-label={label} data-places={x.join(" ")} />,
}));

beforeEach(watchStreams);
afterEach(() => void vi.useRealTimers());

test("a run that is deleted under the page is told in a sentence, and not asked for again and again", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  let isDeleted = false;
  const run = exampleRunDetail({ id: "run-1" });
  const server = serveRun(run).get("/api/v1/runs/{run_id}", () => (isDeleted ? new FakeProblem({ status: 404 }) : run));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  await screen.findByLabelText("loss");
  isDeleted = true;
  say("end", 10, { state: "running", message: "the run was deleted" });
  expect(await screen.findByText("This run was deleted")).toBeTruthy();
  const asked = server.requests.length;
  await act(() => vi.advanceTimersByTimeAsync(120_000));
  expect(server.requests).toHaveLength(asked);
  expect(streams.at(-1)?.readyState).toBe(2);
});

test("while the service is away the data stay, and events go on where they stopped", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  let isAway = false;
  const away = new FakeProblem({ status: 503, title: "away" });
  serveRun(exampleRunDetail({ id: "run-1" })).get("/api/v1/runs/{run_id}/events", ({ url }) =>
    isAway
      ? away
      : ({ items: [], next_after: Number(url.searchParams.get("after")), reset: null, is_end: false }),
  );
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  const chart = await screen.findByLabelText("loss");
  isAway = true;
  streams.at(-1)?.refuse();
  expect(await screen.findByText(/the service does not answer/)).toBeTruthy();
  expect(screen.getByLabelText("loss")).toBe(chart);
  isAway = false;
  await act(() => vi.advanceTimersByTimeAsync(5000));
  const points = [{ key: "loss", iteration: 20, value: 0.5 }];
  say("metric", 11, { stage_id: "stage-0", index: 0, attempt: 1, points });
  expect(streams.map((stream) => stream.url.split("=")[1])).toEqual(["10", "10"]);
  expect(screen.getByLabelText("loss")).toBe(chart);
  expect(chart.dataset.places).toBe("10 20");
});

test("events that are no longer kept begin the page anew from the snapshot, and nothing is doubled", async () => {
  const server = serveRun(exampleRunDetail({ id: "run-1" }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  await screen.findByLabelText("loss");
  const points = [{ key: "loss", iteration: 20, value: 0.5 }];
  say("metric", 11, { stage_id: "stage-0", index: 0, attempt: 1, points });
  const before = server.requests.filter((request) => request.includes("/series/loss")).length;
  act(() => {
    const snapshot = { seq: 500, run: exampleRunDetail({ id: "run-1", event_seq: 500, experiment_name: "as it stands" }) };
    streams.at(-1)?.dispatchEvent(new MessageEvent("reset", { data: JSON.stringify(snapshot) }));
  });
  expect(await screen.findByText("as it stands")).toBeTruthy();
  expect(server.requests.filter((request) => request.includes("/series/loss")).length).toBe(before + 1);
  say("metric", 400, { stage_id: "stage-0", index: 0, attempt: 1, points: [{ key: "loss", iteration: 30, value: 9 }] });
  expect((await screen.findByLabelText("loss")).dataset.places).toBe("10");
});

test("names, reasons and log lines are text, whatever they hold", async () => {
  const markup = "<img src=x onerror=alert(1)><b>bold</b>";
  const run = exampleRunDetail({ id: "run-1", experiment_name: markup, state: "failed", reason: "data_error", message: markup });
  serveRun(run).get("/api/v1/stages/{stage_id}/log", () => ({
    ...logAnswer(new URL("http://localhost/")),
    items: [{ number: 1, level: "error", text: markup, at: "" }],
  }));
  const { container } = renderPage(RunPage, "/runs/:runId", "/runs/run-1?tab=log");
  expect(await screen.findByText((text) => text.includes("<img src=x onerror"), { selector: ".log-line" })).toBeTruthy();
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe(markup);
  expect(container.querySelector("img, .log-line b b")).toBeNull();
});

test("how long a run has been running is counted by the clock of the service", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, now: Date.parse("2026-01-02T04:04:05Z") });
  noteServerTime("Fri, 02 Jan 2026 03:05:05 GMT");
  serveRun(exampleRunDetail({ id: "run-1" }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  expect(await screen.findByText(/^1 min( \d+ s)?$/)).toBeTruthy();
  noteServerTime(new Date().toUTCString());
});

test("an address of no run says so, with a way to the list", async () => {
  new FakeServer();
  renderPage(RunPage, "/runs/:runId", "/runs/none");
  expect(await screen.findByText("There is no run none")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Go to the list of runs" }).getAttribute("href")).toBe("/runs");
});

test("a run that cannot be read is a problem with its request id", async () => {
  const away = new FakeProblem({ status: 503, title: "The service is not ready", detail: "away" });
  new FakeServer().get("/api/v1/runs/{run_id}", () => away);
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  expect(await screen.findByText("The service is not ready")).toBeTruthy();
  expect(screen.getByText("request-1")).toBeTruthy();
});
