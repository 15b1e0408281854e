import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { exampleAttempt, exampleRunDetail, exampleStage } from "../../testing/examples";
import { AT_START, LINES, say, serveRun, streams, watchStreams } from "../../testing/fake-run";
import { FakeProblem } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { RunPage } from "./run-page";

vi.mock("../../components/line-chart", () => ({
  LineChart: ({ label, x }: { label: string; x: number[] }) => <div role="img" aria-label={label} data-places={x.join(" ")} />,
}));

beforeEach(watchStreams);

/** An experiment of this config, as far as the page reads it. */
function experiment(config: Record<string, unknown>) {
  return { resolved: { config }, classes: [], classes_per_step: [] } as never;
}

test("the table shows value and drop of each class, worst forgotten first", async () => {
  serveRun(exampleRunDetail({ state: "succeeded" }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  const rows = within(await screen.findByLabelText("IoU by class and step")).getAllByRole("row");
  expect(rows.map((row) => row.textContent).slice(1, 4)).toEqual([
    "ballstep 080.0learned50.0▼ 30.0",
    "backgroundalways90.0learned90.0= 0.0",
    "cratestep 1·40.0learned",
  ]);
});

test("the address carries the order and the shade of the step table", async () => {
  serveRun(exampleRunDetail({ state: "succeeded" }));
  const page = renderPage(RunPage, "/runs/:runId", "/runs/run-1?order=learned&shade=loss");
  const first = async () => within(await screen.findByLabelText("IoU by class and step")).getAllByRole("row")[1]?.textContent;
  expect(await first()).toContain("background");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: "shade the drop" }).checked).toBe(true);
  fireEvent.click(screen.getByRole("radio", { name: "worst forgotten" }));
  expect(await first()).toContain("ball");
  expect(page.address()).toBe("/runs/run-1?shade=loss");
});

test("the stream begins behind the run that was read, and moves progress and curves", async () => {
  serveRun(exampleRunDetail({ id: "run-1", seconds_left: 120, progress: AT_START }));
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

test("a curve that joins while the page is open leaves the chart in its place, even when it cannot be loaded", async () => {
  const keys = ["loss"];
  serveRun(exampleRunDetail({ id: "run-1" }))
    .get("/api/v1/runs/{run_id}/series", () => {
      const items = keys.map((key) => ({ key, direction: "min", count: 1, last: null, best: null }));
      return { items, next_cursor: null } as never;
    })
    .get("/api/v1/runs/{run_id}/series/{key}", ({ parts: [, key] }) =>
      key === "loss_kd"
        ? new FakeProblem({ status: 400, title: "not so" })
        : { key: "loss", count: 1, downsampled: false, points: [{ stage_index: 0, iteration: 10, value: 1, attempt: 1, is_hidden: false }] },
    );
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  const chart = await screen.findByLabelText("loss");
  keys.push("loss_kd");
  say("metric", 11, { stage_id: "stage-0", index: 0, attempt: 1, points: [{ key: "loss_kd", iteration: 20, value: 0.5 }] });
  expect(await screen.findByLabelText("loss, loss_kd")).toBe(chart);
  expect(await screen.findByText("not so")).toBeTruthy();
  expect(screen.getByLabelText("loss, loss_kd")).toBe(chart);
});

test("live log lines follow the stored ones, each once, and the address carries what was found", async () => {
  serveRun(exampleRunDetail({ id: "run-1" }));
  const page = renderPage(RunPage, "/runs/:runId", "/runs/run-1?tab=log");
  await screen.findByText("step 0 begins");
  const lines = [LINES[0], { number: 2, level: "error", text: "loss is NaN" }];
  say("log", 11, { stage_id: "stage-0", attempt: 1, lines });
  expect(within(screen.getByRole("log")).getAllByText(/step 0 begins|loss is NaN/)).toHaveLength(2);
  fireEvent.change(screen.getByLabelText("search in the log"), { target: { value: "nan" } });
  expect(await screen.findByText("1 line")).toBeTruthy();
  fireEvent.keyDown(screen.getByLabelText("search in the log"), { key: "Enter" });
  expect(screen.getByText("1 of 1 line")).toBeTruthy();
  expect(screen.getByText("NaN").closest("[aria-current]")?.getAttribute("aria-current")).toBe("true");
  expect(page.address()).toBe("/runs/run-1?tab=log&find=nan&line=2");
  expect(screen.getByRole("link", { name: "Download" }).getAttribute("href")).toBe("/api/v1/stages/stage-0/log/text?attempt=1");
});

test("of five thousand curves only what is shown is loaded", async () => {
  const keys = Array.from({ length: 200 }, (_, place) => `layer/${place}`);
  const entry = (key: string) => ({ key, direction: "min", count: 1, last: null, best: null });
  const server = serveRun(exampleRunDetail({ state: "succeeded" }))
    .get("/api/v1/runs/{run_id}/series", ({ url }) => {
      const prefix = url.searchParams.get("prefix") ?? "";
      const found = [...keys, "loss/total"].filter((key) => key.startsWith(prefix)).map(entry);
      return { items: found.slice(0, 200), next_cursor: found.length > 200 ? "more" : null } as never;
    })
    .get("/api/v1/runs/{run_id}/series-groups", () => ({
      items: [
        { prefix: "layer/", count: 4999 },
        { prefix: "loss/", count: 1 },
      ],
      groups: 2,
      keys: 5000,
    }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  await screen.findByLabelText("loss/total");
  expect(await screen.findByPlaceholderText("all 5,000 curves")).toBeTruthy();
  expect(screen.getAllByRole("img").map((chart) => chart.getAttribute("aria-label"))).toEqual([
    "mIoU of all, old and new classes over the steps",
    "loss/total",
  ]);
  expect(server.requests.filter((request) => request.includes("/series/"))).toHaveLength(1);
});

test("the scale of the curves is in the address, and the shown curves are saved as one table", async () => {
  const saved: Blob[] = [];
  vi.stubGlobal("URL", Object.assign(class extends URL {}, { createObjectURL: (blob: Blob) => `blob:${saved.push(blob)}`, revokeObjectURL: vi.fn() }));
  const json = { key: "loss", count: 1, downsampled: false, points: [] };
  const server = serveRun(exampleRunDetail({ state: "succeeded" })).get("/api/v1/runs/{run_id}/series/{key}", ({ url }) =>
    (url.searchParams.get("format") === "csv" ? "stage_index,iteration,attempt,value" : json) as never,
  );
  const page = renderPage(RunPage, "/runs/:runId", "/runs/run-1?scale=log");
  const scale = await screen.findByLabelText<HTMLInputElement>("logarithmic values");
  expect(scale.checked).toBe(true);
  fireEvent.click(scale);
  expect(page.address()).toBe("/runs/run-1");
  fireEvent.click(screen.getByRole("button", { name: "Download CSV" }));
  await expect.poll(() => saved.length).toBe(1);
  expect(server.requests.at(-1)).toMatch(/\/series\/loss\?(?=.*format=csv)(?=.*max_points=0)/);
  expect(await saved[0]?.text()).toMatch(/^curve,/);
});

test("a failed run says what happened, why most likely, and what helps", async () => {
  const stages = [exampleStage(0, { state: "failed", attempts: [exampleAttempt({ state: "failed" })] })];
  serveRun(exampleRunDetail({ state: "failed", reason: "non_finite_loss", message: "loss became NaN at iteration 40", stages }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  expect(await screen.findByText("Failed in stage 0 (train), attempt 1: loss is NaN or infinite")).toBeTruthy();
  expect(screen.getByText("loss became NaN at iteration 40")).toBeTruthy();
  expect(screen.getByText(/learning rate that is too high/)).toBeTruthy();
  expect(await screen.findByText("The last 1 lines of the log")).toBeTruthy();
  expect(screen.getByRole("button", { name: /Resume/ })).toBeTruthy();
});

test("a run whose method replays leads to its memory, another does not", async () => {
  serveRun(exampleRunDetail({ state: "succeeded" })).get("/api/v1/experiments/{experiment_id}", () => experiment({ memory: { size: 6 } }));
  const { unmount } = renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  expect((await screen.findByRole("link", { name: /Memory/ })).getAttribute("href")).toMatch(/\/memory$/);
  unmount();
  const server = serveRun(exampleRunDetail({ state: "succeeded" })).get("/api/v1/experiments/{experiment_id}", () => experiment({ optim: {} }));
  const page = renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  await expect.poll(() => server.requests.some((request) => request.includes("/experiments/"))).toBe(true);
  fireEvent.keyDown(document.documentElement, { key: "m", code: "KeyM" });
  expect(screen.queryByRole("link", { name: /Memory/ })).toBeNull();
  expect(page.address()).toBe("/runs/run-1");
});

test("the tab names run, seed and state, and the head says id and stream", async () => {
  serveRun(exampleRunDetail({ id: "run-1", seed: 3, state: "succeeded", stream: "disjoint, 6 classes, 2-2-2" }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  expect(await screen.findByText("run-1")).toBeTruthy();
  expect(screen.getByText("disjoint, 6 classes, 2-2-2")).toBeTruthy();
  await expect.poll(() => document.title).toBe("three steps, seed 3, succeeded · Palimpsest");
});

test("a memory that holds less than was asked for is told, with a way to its page", async () => {
  const warning = "memory holds 0 of the 60 instances asked for";
  const snapshot = { stage_id: "s", stage_index: 1, budget: 60, budget_per_class: 6, items: 0, bytes: 0, cells: [], seen_classes: [1] };
  serveRun(exampleRunDetail({ id: "run-1", state: "succeeded" }))
    .get("/api/v1/experiments/{experiment_id}", () => experiment({ memory: { size: 60 } }))
    .get("/api/v1/runs/{run_id}/memory", () => ({ classes: [], snapshots: [{ ...snapshot, missing_classes: [1], warnings: [warning] }] }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  expect(await screen.findByText(warning)).toBeTruthy();
  expect(screen.getByText("The replay memory holds 0 of 60 instances after stage 1")).toBeTruthy();
  expect(screen.getByText("See what it holds").getAttribute("href")).toBe("/runs/run-1/memory");
});
