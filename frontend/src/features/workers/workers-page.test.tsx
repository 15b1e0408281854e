import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { StorageUse, WorkerSummary } from "../../api/types";
import { FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { WorkersPage } from "./workers-page";

const NOW = "2001-01-01T10:00:00.000Z";

const STORAGE: StorageUse = {
  parts: [
    { name: "blobs", bytes: 3 * 2 ** 30, files: 1200 },
    { name: "database", bytes: 2 ** 30, files: null },
  ],
  measured_at: NOW,
  disk_bytes: 100 * 2 ** 30,
  free_bytes: 25 * 2 ** 30,
};

function worker(changes: Partial<WorkerSummary> = {}): WorkerSummary {
  return {
    id: "worker@gpu-1:7",
    host: "gpu-1",
    state: "busy",
    queues: ["gpu", "default"],
    devices: [{ index: 0, name: "NVIDIA A100", memory_bytes: 40 * 2 ** 30 }],
    versions: { palimpsest: "0.1.0" },
    stage_id: "s1",
    stage: { id: "s1", run_id: "r1", index: 2, name: "step-2" },
    dataset: null,
    started_at: NOW,
    last_seen_at: "2001-01-01T09:59:57.000Z",
    ...changes,
  };
}

function open(...items: WorkerSummary[]) {
  new FakeServer()
    .get("/api/v1/workers", () => ({ items, next_cursor: null, now: NOW }))
    .get("/api/v1/storage", () => STORAGE);
  renderPage(WorkersPage, "/workers", "/workers");
}

test("a worker shows its state, device, queues and its stage as a link to the run", async () => {
  open(worker());
  expect(await screen.findByText("busy")).toBeTruthy();
  expect(screen.getByText("0: NVIDIA A100, 40.0 GiB")).toBeTruthy();
  expect(screen.getByText("gpu, default")).toBeTruthy();
  expect(screen.getByRole("link", { name: "stage 2 step-2" }).getAttribute("href")).toBe("/runs/r1");
});

test("times are read by the service's clock, whatever the browser's says", async () => {
  open(worker(), worker({ id: "b", state: "offline", last_seen_at: "2001-01-01T09:00:00.000Z", stage: null }));
  expect(await screen.findByText("3 s ago")).toBeTruthy();
  expect(screen.getByText("1 h ago")).toBeTruthy();
});

test("a worker that scans leads to the dataset", async () => {
  open(worker({ stage: null, dataset: { id: "d1", name: "six" } }));
  expect((await screen.findByRole("link", { name: "scan of six" })).getAttribute("href")).toBe("/datasets/d1");
});

test("without workers the page says how to start one", async () => {
  open();
  expect(await screen.findByText("palimpsest worker")).toBeTruthy();
});

test("the storage is told by part, in all, and against what is free", async () => {
  open();
  const rows = within(await screen.findByLabelText("storage")).getAllByRole("row");
  expect(rows.map((row) => row.textContent)).toEqual([
    "Models, memories, images1,200 files3.0 GiB",
    "Database–1.0 GiB",
    "Total4.0 GiB",
  ]);
  expect(screen.getByText("25.0 GiB of 100 GiB are free (25.0 %)")).toBeTruthy();
});
