import { screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { exampleRunDetail } from "../../testing/examples";
import { renderPage } from "../../testing/render-page";
import { LineageLines } from "./lineage-lines";

const ORIGIN = { run_id: "r1", experiment_name: "<b>parent</b>", method: "lwf", seed: 4, after_step: 0 };
const branch = (place: number) => ({
  run_id: `b${place}`,
  experiment_name: `branch ${place}`,
  method: "lwf",
  after_step: 1,
  state: "running" as const,
  created_at: "2026-01-02T03:04:05Z",
});

test("origin and branches are named with links, and only the newest four branches", async () => {
  const run = exampleRunDetail({ branched_from: ORIGIN, branches: [0, 1, 2, 3, 4, 5].map(branch) });
  renderPage(() => <LineageLines run={run} />, "/", "/");
  expect((await screen.findByText("<b>parent</b>, seed 4")).getAttribute("href")).toBe("/runs/r1");
  expect(screen.getByText("branch 3").getAttribute("href")).toBe("/runs/b3");
  expect(screen.queryByText("branch 4")).toBeNull();
  expect(screen.getByText(/and 2 more/)).toBeTruthy();
});

test("an imported run names the id that it had", async () => {
  renderPage(() => <LineageLines run={exampleRunDetail({ imported_from: "r0" })} />, "/", "/");
  expect(await screen.findByText("Imported from another service, where its id was r0.")).toBeTruthy();
});

test("a run without lineage says nothing", () => {
  const { container } = renderPage(() => <LineageLines run={exampleRunDetail()} />, "/", "/");
  expect(container.textContent).not.toMatch(/ranch/);
});
