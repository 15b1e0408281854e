import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { RunSummary } from "../../api/types";
import { exampleScoring } from "../../testing/example-scores";
import { exampleRun, exampleRunDetail } from "../../testing/examples";
import { FakeProblem, FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { RunsPage } from "./runs-page";

const AS_OF = "2026-01-02T03:04:05.000Z";

/** A service with these runs, in which nothing changes. */
function serverWith(...runs: RunSummary[]): FakeServer {
  return new FakeServer()
    .get("/api/v1/methods", () => ({ items: [], next_cursor: null }))
    .get("/api/v1/runs/choices", () => ({ datasets: [], tags: [] }))
    .get("/api/v1/runs/changes", () => ({ items: [], left: [], is_complete: true, total: runs.length, as_of: AS_OF }))
    .get("/api/v1/runs", () => ({ items: runs, next_cursor: null, total: runs.length, as_of: AS_OF }));
}

test("a run is shown with state, reason, method, dataset, stream, seed, scores and what is left", async () => {
  const run = exampleRun({ state: "failed", reason: "non_finite_loss", score: 0.522, best_score: 0.61, seed: 7, seconds_left: 75 });
  serverWith(run);
  renderPage(RunsPage, "/runs", "/runs");
  expect(await screen.findByText("loss is NaN or infinite")).toBeTruthy();
  expect(screen.getByText("three steps").closest("a")?.getAttribute("href")).toBe(`/runs/${run.id}`);
  for (const text of ["eir", "objects", "6 classes, 2-2-2", "7", "52.2", "61.0", "1 min 15 s", "1 run"]) {
    expect(screen.getByText(text)).toBeTruthy();
  }
});

test("the column of scores is what the method of the runs names, and says what is undefined", async () => {
  const scoring = exampleScoring({ title: "AOSE", meaning: "unknown objects taken for known ones", direction: "min" });
  const method = { name: "open", title: "Open", summary: "", publication: "", stream: "open_set", presets: [], scoring };
  serverWith(exampleRun({ method: "open", score: null, best_score: 0.25, score_name: "AOSE" })).get("/api/v1/methods", () => ({
    items: [method],
    next_cursor: null,
  }));
  const page = renderPage(RunsPage, "/runs", "/runs");
  const head = await screen.findByRole("columnheader", { name: "AOSE" });
  await expect.poll(() => head.title).toBe("unknown objects taken for known ones");
  expect(screen.getByText("undefined").title).toMatch(/no ground truth/);
  fireEvent.click(within(head).getByRole("button"));
  expect(page.address()).toBe("/runs?sort=score&order=asc");
});

test("filters and order of the address are those that the service is asked with", async () => {
  const server = serverWith();
  renderPage(RunsPage, "/runs", "/runs?state=failed&state=running&tag=owner%3Dada&method=eir&q=demo&sort=score&order=asc");
  expect(await screen.findByText("No run fits these filters")).toBeTruthy();
  expect(server.requests).toContain(
    "GET /api/v1/runs?state=failed&state=running&tag=owner%3Dada&method=eir&q=demo&sort=score&order=asc&limit=200&count=exact",
  );
});

test("a click on a head sorts by it, another turns the order round", async () => {
  serverWith(exampleRun());
  const page = renderPage(RunsPage, "/runs", "/runs");
  fireEvent.click(await screen.findByRole("button", { name: "Best" }));
  expect(page.address()).toBe("/runs?sort=best_score");
  expect(screen.getByRole("columnheader", { name: "Best" }).getAttribute("aria-sort")).toBe("descending");
  fireEvent.click(screen.getByRole("button", { name: "Best" }));
  expect(page.address()).toBe("/runs?sort=best_score&order=asc");
});

test("a tag narrows the list to the runs that have it", async () => {
  serverWith(exampleRun({ tags: ["owner=ada"] }));
  const page = renderPage(RunsPage, "/runs", "/runs");
  fireEvent.click(await screen.findByRole("button", { name: "owner=ada" }));
  expect(page.address()).toBe("/runs?tag=owner%3Dada");
});

test("without any run the page says how to begin", async () => {
  serverWith();
  renderPage(RunsPage, "/runs", "/runs");
  expect(await screen.findByText("No run yet")).toBeTruthy();
});

test("a failed request shows its id and asks again on a click", async () => {
  let isAway = true;
  const away = new FakeProblem({ status: 503, title: "The service is not ready", detail: "away", request_id: "abc-1" });
  const page = { items: [exampleRun()], next_cursor: null, total: 1, as_of: AS_OF };
  serverWith().get("/api/v1/runs", () => (isAway ? away : page));
  renderPage(RunsPage, "/runs", "/runs");
  expect(await screen.findByText("abc-1")).toBeTruthy();
  isAway = false;
  fireEvent.click(screen.getByText("Try again"));
  expect(await screen.findByText("three steps")).toBeTruthy();
});

test("a running run is cancelled after a question, under an id that makes repeating harmless", async () => {
  const server = serverWith(exampleRun({ id: "run-1" })).post("/api/v1/runs/{run_id}/cancel", () =>
    exampleRunDetail({ id: "run-1", state: "cancelling" }),
  );
  renderPage(RunsPage, "/runs", "/runs");
  fireEvent.click(await screen.findByLabelText("Cancel"));
  const dialog = await screen.findByRole("dialog");
  expect(server.requests).not.toContain("POST /api/v1/runs/run-1/cancel");
  fireEvent.click(within(dialog).getByRole("button", { name: "Stop the run" }));
  await expect.poll(() => server.requests).toContain("POST /api/v1/runs/run-1/cancel");
  expect(server.bodies.at(server.requests.indexOf("POST /api/v1/runs/run-1/cancel"))).toEqual({
    transition_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
  });
});

test("keys move, select and open; a bar shows what fits the selected runs", async () => {
  serverWith(exampleRun({ id: "run-2", state: "failed", seed: 2 }), exampleRun({ id: "run-1", seed: 1 }));
  const page = renderPage(RunsPage, "/runs", "/runs");
  await screen.findAllByText("three steps");
  fireEvent.keyDown(document.body, { key: "j" });
  fireEvent.keyDown(document.body, { key: "x" });
  const bar = screen.getByRole("toolbar", { name: "selected runs" });
  expect(within(bar).getByText("1 run selected")).toBeTruthy();
  expect(within(bar).getByRole("button", { name: /Resume/ })).toBeTruthy();
  expect(within(bar).queryByRole("button", { name: /Cancel/ })).toBeNull();
  fireEvent.keyDown(document.body, { key: "j" });
  fireEvent.keyDown(document.body, { key: "Enter" });
  expect(page.address()).toBe("/runs/run-1");
});

test("the search stays while a run is selected, and what is typed into it is no key", async () => {
  serverWith(exampleRun({ id: "run-1" }));
  renderPage(RunsPage, "/runs", "/runs");
  const box = await screen.findByLabelText(/^select three steps/);
  fireEvent.click(box);
  fireEvent.keyDown(box, { key: "/" });
  const field = screen.getByLabelText("Search");
  expect(document.activeElement).toBe(field);
  fireEvent.keyDown(field, { key: "x" });
  expect(screen.getByText("1 run selected")).toBeTruthy();
});

test("a click with Shift selects every row between", async () => {
  serverWith(...[3, 2, 1].map((seed) => exampleRun({ id: `run-${seed}`, seed })));
  renderPage(RunsPage, "/runs", "/runs");
  fireEvent.click(await screen.findByLabelText("select three steps, seed 3"));
  fireEvent.click(screen.getByLabelText("select three steps, seed 1"), { shiftKey: true });
  expect(screen.getByText("3 runs selected")).toBeTruthy();
});

test("names and tags with markup in them stay text", async () => {
  serverWith(exampleRun({ experiment_name: "<img src=x onerror=alert(1)>", tags: ["<b>tag</b>"] }));
  const { container } = renderPage(RunsPage, "/runs", "/runs");
  expect(await screen.findByText("<img src=x onerror=alert(1)>")).toBeTruthy();
  expect(screen.getByText("<b>tag</b>")).toBeTruthy();
  expect(container.querySelector("img, b")).toBeNull();
});

test("selected runs are compared by the key V and by a button, 2 to 20 at a time", async () => {
  const runs = Array.from({ length: 21 }, (_, place) => exampleRun({ id: `run-${place}`, seed: place }));
  serverWith(...runs);
  const page = renderPage(RunsPage, "/runs", "/runs");
  fireEvent.click(await screen.findByLabelText("select three steps, seed 0"));
  expect(screen.queryByRole("button", { name: /^Compare/ })).toBeNull();
  fireEvent.click(screen.getByLabelText("select all runs shown"));
  expect(screen.getByRole("button", { name: /^Compare 21/ }).title).toBe("at most 20 can be compared");
  fireEvent.keyDown(document.body, { key: "v" });
  expect(page.address()).toBe("/runs");
  fireEvent.click(screen.getByLabelText("select three steps, seed 0"));
  fireEvent.keyDown(document.body, { key: "v" });
  expect(page.address()).toBe(`/compare?runs=${runs.slice(1).map((run) => run.id).join(",")}`);
});
