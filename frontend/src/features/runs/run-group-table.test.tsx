import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { RunGroup } from "../../api/types";
import { exampleRun } from "../../testing/examples";
import { FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { RunsPage } from "./runs-page";

const AS_OF = "2026-01-02T03:04:05.000Z";

function serve(...items: RunGroup[]): FakeServer {
  return new FakeServer()
    .get("/api/v1/runs", () => ({ items: [exampleRun()], next_cursor: null, total: 1, as_of: AS_OF }))
    .get("/api/v1/runs/changes", () => ({ items: [], left: [], is_complete: true, total: 1, as_of: AS_OF }))
    .get("/api/v1/runs/choices", () => ({ datasets: [], tags: [] }))
    .get("/api/v1/runs/groups", () => ({ items, total: items.length }));
}

const group = (changes: Partial<RunGroup>): RunGroup => ({
  key: "eir",
  title: "eir",
  runs: 5,
  states: { succeeded: 4, running: 1 },
  scores: [{ name: "mIoU", mean: 0.612, std: 0.004, n: 3, undefined: 1 }],
  ...changes,
});

test("a group has its runs, their states and the score over the finished ones", async () => {
  serve(group({}), group({ key: "stal", title: "stal", runs: 1, states: { running: 1 }, scores: [] }));
  renderPage(RunsPage, "/runs", "/runs?group=method");
  const rows = within(await screen.findByRole("table", { name: "runs by method" })).getAllByRole("row");
  expect(rows.slice(1).map((row) => within(row).getAllByRole("cell").map((cell) => cell.textContent))).toEqual([
    ["eir", "5", "4 succeeded, 1 running", "mIoU 61.2 ± 0.4 (n = 3), undefined in 1 of 4"],
    ["stal", "1", "1 running", "–"],
  ]);
});

test("a group of a method narrows the list to it, and keeps the other filters", async () => {
  const server = serve(group({}));
  const page = renderPage(RunsPage, "/runs", "/runs?group=method&state=succeeded");
  fireEvent.click(await screen.findByRole("button", { name: "eir" }));
  expect(page.address()).toBe("/runs?state=succeeded&method=eir");
  expect(server.requests).toContain("GET /api/v1/runs/groups?state=succeeded&by=method");
});

test("a group of an experiment leads to its page", async () => {
  serve(group({ key: "a".repeat(64), title: "three steps" }));
  renderPage(RunsPage, "/runs", "/runs?group=experiment");
  expect((await screen.findByRole("link", { name: "three steps" })).getAttribute("href")).toBe(`/experiments/${"a".repeat(64)}`);
});
