import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { exampleRun, exampleRunDetail } from "../../testing/examples";
import { FakeProblem, FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { RunsPage } from "./runs-page";

const NO_METHODS = { items: [], next_cursor: null };

test("a run is shown with its state, reason, progress and score", async () => {
  const failed = exampleRun({ state: "failed", reason: "non_finite_loss", miou_all: 0.522, seed: 7 });
  new FakeServer().get("/api/v1/methods", () => NO_METHODS).get("/api/v1/runs", () => ({ items: [failed], next_cursor: null }));
  renderPage(RunsPage, "/runs", "/runs");
  expect(await screen.findByText("failed: non finite loss")).toBeTruthy();
  expect(screen.getByText("three steps").closest("a")?.getAttribute("href")).toBe(`/runs/${failed.id}`);
  expect(screen.getByText("52.2")).toBeTruthy();
  expect(screen.getByText("7")).toBeTruthy();
});

test("the filters of the address are those that the service is asked with", async () => {
  const server = new FakeServer()
    .get("/api/v1/methods", () => NO_METHODS)
    .get("/api/v1/runs", () => ({ items: [], next_cursor: null }));
  renderPage(RunsPage, "/runs", "/runs?state=failed&state=running&method=eir");
  expect(await screen.findByText("No run fits these filters")).toBeTruthy();
  expect(server.requests).toContain("GET /api/v1/runs?state=failed&state=running&method=eir&limit=200");
});

test("without any run the page says how to begin", async () => {
  new FakeServer().get("/api/v1/methods", () => NO_METHODS).get("/api/v1/runs", () => ({ items: [], next_cursor: null }));
  renderPage(RunsPage, "/runs", "/runs");
  expect(await screen.findByText("No run yet")).toBeTruthy();
});

test("a failed request shows its id and asks again on a click", async () => {
  let isAway = true;
  const away = new FakeProblem({
    status: 503,
    title: "The service is not ready",
    detail: "the database is away",
    request_id: "abc-1",
  });
  new FakeServer()
    .get("/api/v1/methods", () => NO_METHODS)
    .get("/api/v1/runs", () => (isAway ? away : { items: [exampleRun()], next_cursor: null }));
  renderPage(RunsPage, "/runs", "/runs");
  expect(await screen.findByText("abc-1")).toBeTruthy();
  isAway = false;
  fireEvent.click(screen.getByText("Try again"));
  expect(await screen.findByText("three steps")).toBeTruthy();
});

test("a running run is cancelled with one click, under an id that makes repeating harmless", async () => {
  const run = exampleRun({ id: "run-1" });
  const server = new FakeServer()
    .get("/api/v1/methods", () => NO_METHODS)
    .get("/api/v1/runs", () => ({ items: [run], next_cursor: null }))
    .post("/api/v1/runs/{run_id}/cancel", () => exampleRunDetail({ id: "run-1", state: "cancelling" }));
  renderPage(RunsPage, "/runs", "/runs");
  fireEvent.click(await screen.findByLabelText("Cancel"));
  await expect.poll(() => server.requests).toContain("POST /api/v1/runs/run-1/cancel");
  expect(server.bodies.at(server.requests.indexOf("POST /api/v1/runs/run-1/cancel"))).toEqual({
    transition_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
  });
});

test("names with markup in them stay text", async () => {
  const named = exampleRun({ experiment_name: "<img src=x onerror=alert(1)>" });
  new FakeServer().get("/api/v1/methods", () => NO_METHODS).get("/api/v1/runs", () => ({ items: [named], next_cursor: null }));
  const { container } = renderPage(RunsPage, "/runs", "/runs");
  expect(await screen.findByText("<img src=x onerror=alert(1)>")).toBeTruthy();
  expect(container.querySelector("img")).toBeNull();
});
