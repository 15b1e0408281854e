import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { exampleRunDetail } from "../../testing/examples";
import { serveRun, watchStreams } from "../../testing/fake-run";
import { renderPage } from "../../testing/render-page";
import { RunPage } from "./run-page";

vi.mock("../../components/line-chart", () => ({ LineChart: ({ label }: { label: string }) => <div role="img" aria-label={label} /> }));

beforeEach(watchStreams);

const CANCEL = "POST /api/v1/runs/run-1/cancel";

function open(state: "running" | "waiting") {
  const run = exampleRunDetail({ id: "run-1", state });
  const server = serveRun(run).post("/api/v1/runs/{run_id}/cancel", () => ({ ...run, state: "cancelling" as const }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  return server;
}

test("C asks before it cancels, and Enter alone loses nothing", async () => {
  const server = open("running");
  await screen.findByRole("button", { name: /Cancel/ });
  fireEvent.keyDown(document.documentElement, { key: "c", code: "KeyC" });
  expect(await screen.findByText("Cancel this run?")).toBeTruthy();
  expect(screen.getByText(/first saves a checkpoint/)).toBeTruthy();
  expect(server.requests).not.toContain(CANCEL);
  const confirm = within(screen.getByRole("dialog")).getByRole("button", { name: "Stop the run" });
  await expect.poll(() => document.activeElement).toBe(screen.getByText("Keep as it is").closest("button"));
  fireEvent.click(confirm);
  await expect.poll(() => server.requests).toContain(CANCEL);
});

test("the button asks too, says what becomes of the queries, and a no changes nothing", async () => {
  const server = open("waiting");
  fireEvent.click(await screen.findByRole("button", { name: /Cancel/ }));
  expect(await screen.findByText(/withdraws its open queries/)).toBeTruthy();
  fireEvent.click(screen.getByText("Keep as it is"));
  await expect.poll(() => screen.queryByText(/withdraws its open queries/)).toBeNull();
  expect(server.requests).not.toContain(CANCEL);
});
