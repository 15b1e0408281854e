import { act, screen } from "@testing-library/react";
import type { ComponentType } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { DatasetPage } from "../features/datasets/dataset-page";
import { RoundPage } from "../features/labelling/answering/round-page";
import { PaintPage } from "../features/labelling/painting/paint-page";
import { LaunchPage } from "../features/launch/launch-page";
import { MemoryPage } from "../features/memory/memory-page";
import { RunPage } from "../features/run/run-page";
import { FakeServer } from "../testing/fake-server";
import { renderPage } from "../testing/render-page";

const LONG_MS = 120_000;
const PAGES: [string, ComponentType, string, string][] = [
  ["run r0", RunPage, "/runs/:runId", "/runs/r0"],
  ["run r0", MemoryPage, "/runs/:runId/memory", "/runs/r0/memory"],
  ["dataset d0", DatasetPage, "/datasets/:datasetId", "/datasets/d0"],
  ["round s0", RoundPage, "/labelling/:stageId", "/labelling/s0"],
  ["round s0", PaintPage, "/labelling/:stageId/paint", "/labelling/s0/paint"],
  ["experiment e0", LaunchPage, "/launch", "/launch?clone=e0"],
];

beforeEach(() => localStorage.setItem("palimpsest.author", JSON.stringify("ann")));

afterEach(() => {
  vi.useRealTimers();
  localStorage.clear();
});

test.each(PAGES)("an address of no %s is answered kindly, and the service is asked once", async (said, page, route, address) => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  // It knows no method, no run, no dataset.
  const server = new FakeServer().get("/api/v1/methods", () => ({ items: [], next_cursor: null }));
  renderPage(page, route, address);
  expect(await screen.findByText(`There is no ${said}`)).toBeTruthy();
  expect(screen.getByText(/^Go to the (list of|open rounds)/).getAttribute("href")).toMatch(/^\/(runs|datasets|labelling)$/);
  expect(screen.queryByText("Try again")).toBeNull();
  await act(() => vi.advanceTimersByTimeAsync(LONG_MS));
  const id = said.split(" ")[1] ?? "";
  expect(server.requests.filter((request) => request.includes(`/${id}`))).toHaveLength(1);
});
