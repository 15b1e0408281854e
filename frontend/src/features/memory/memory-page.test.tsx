import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { MemoryEntry, MemoryPage as MemoryAnswer } from "../../api/types";
import { exampleRunDetail, exampleStage } from "../../testing/examples";
import { FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { MemoryPage } from "./memory-page";

const LABELS = [
  { id: 1, name: "ball", colour: "#800000" },
  { id: 2, name: "crate", colour: "#008000" },
];

function item(id: number, class_id: number): MemoryEntry {
  const { name, colour } = LABELS[class_id - 1] ?? { name: "?", colour: "#000000" };
  return {
    id,
    run_id: "run-1",
    stage_id: "stage-0",
    item_id: `item-${id}`,
    class_id,
    class_name: name,
    colour,
    classes: [class_id],
    source: `train/${id}.png`,
    box: [2, 3, 12, 23],
    image_size: [96, 96],
    area: 120,
    step_added: 0,
    rank: id,
    bytes: 2048,
  };
}

function answer(classId: string | null): MemoryAnswer {
  const all = [item(1, 1), item(2, 2), item(3, 2)];
  return {
    items: all.filter((each) => classId === null || String(each.class_id) === classId),
    next_cursor: null,
    total_items: 3,
    total_bytes: 6144,
    classes: LABELS.map((label) => ({ ...label, items: label.id, bytes: label.id * 2048 })),
  };
}

function serve(): FakeServer {
  const run = exampleRunDetail({ id: "run-1", state: "succeeded", stages: [exampleStage(0, { state: "succeeded" })] });
  return new FakeServer()
    .get("/api/v1/runs/{run_id}", () => run)
    .get("/api/v1/stages/{stage_id}/memory-items", ({ url }) => answer(url.searchParams.get("class_id")))
    .get("/api/v1/memory-items/{item_id}", ({ parts }) => item(Number(parts[0]), 1));
}

test("the matrix counts instances and bytes, and a cell narrows the grid to its class", async () => {
  serve();
  const page = renderPage(MemoryPage, "/runs/:runId/memory", "/runs/run-1/memory");
  const matrix = within(await screen.findByLabelText("stored instances by class and stage"));
  expect(matrix.getByText("3, 6.0 KiB")).toBeTruthy();
  expect(await screen.findAllByRole("img", { name: /from train/ })).toHaveLength(3);
  fireEvent.click(matrix.getByText("4.0 KiB"));
  await expect.poll(() => screen.queryAllByRole("img", { name: /from train/ }).length).toBe(2);
  expect(page.address()).toBe("/runs/run-1/memory?stage=stage-0&class=2");
});

test("an item shows its source image, box and size", async () => {
  serve();
  renderPage(MemoryPage, "/runs/:runId/memory", "/runs/run-1/memory?stage=stage-0&item=1");
  expect(await screen.findByText("train/1.png")).toBeTruthy();
  expect(screen.getByText("2, 3 to 12, 23: 10 × 20 of 96 × 96 px")).toBeTruthy();
  expect(screen.getByText("2.0 KiB", { selector: "td" })).toBeTruthy();
});

test("a run without stored instances says why", async () => {
  new FakeServer().get("/api/v1/runs/{run_id}", () => exampleRunDetail({ state: "succeeded", stages: [] }));
  renderPage(MemoryPage, "/runs/:runId/memory", "/runs/run-1/memory");
  expect(await screen.findByText("The memory is empty")).toBeTruthy();
});
