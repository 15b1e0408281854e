import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { MemoryEntry } from "../../api/types";
import { exampleRunDetail } from "../../testing/examples";
import { FakeProblem, FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { exampleItem, exampleMatrix } from "./example-memory";
import { MemoryPage } from "./memory-page";

const PATIENT = { timeout: 10_000 };
const CRATE = { class_id: 2, class_name: "crate", colour: "#008000", classes: [2] };
const ITEMS = [exampleItem(1), exampleItem(2), exampleItem(3, CRATE)];

/** Serves two items a page, and what the query asks for of class, source and order. */
function serve(items: MemoryEntry[] = ITEMS): FakeServer {
  return new FakeServer()
    .get("/api/v1/runs/{run_id}", () => exampleRunDetail({ id: "run-1", state: "succeeded" }))
    .get("/api/v1/runs/{run_id}/memory", exampleMatrix)
    .get("/api/v1/stages/{stage_id}/memory-items", ({ url: { searchParams: asked } }) => {
      const found = items.filter(
        (item) =>
          (asked.get("class_id") ?? String(item.class_id)) === String(item.class_id) &&
          item.source.includes(asked.get("source_contains") ?? ""),
      );
      const first = Number(asked.get("cursor") ?? 0);
      const next = first + 2 < found.length ? String(first + 2) : null;
      return { items: found.slice(first, first + 2), next_cursor: next, total: found.length };
    })
    .get("/api/v1/memory-items/{item_id}", ({ parts }) => exampleItem(Number(parts[0])))
    .get("/api/v1/memory-items/{item_id}/pastes", ({ parts }) => ({
      items: [
        {
          id: 5,
          stage_id: "stage-1",
          stage_index: 1,
          source: `memory/item-of-${parts[0] ?? ""}`,
          box: [0, 0, 8, 16],
          image_size: [32, 32],
          lam: 0.25,
        },
      ],
      next_cursor: null,
      draws: [{ stage_id: "stage-1", stage_index: 1, times: 7 }],
    }));
}

function open(query = "") {
  return renderPage(MemoryPage, "/runs/:runId/memory", `/runs/run-1/memory${query}`);
}

function tiles() {
  return screen.queryAllByRole("img", { name: /from train/ });
}

test("the matrix counts instances and bytes, and a cell narrows the grid to its class", async () => {
  serve();
  const page = open();
  const matrix = within(await screen.findByLabelText("stored instances by class and stage"));
  expect(matrix.getAllByText("3, 6.0 KiB")).toHaveLength(2);
  await expect.poll(() => tiles().length, PATIENT).toBe(3);
  fireEvent.click(matrix.getByText("2.0 KiB"));
  await expect.poll(() => tiles().length, PATIENT).toBe(1);
  expect(page.address()).toBe("/runs/run-1/memory?stage=stage-1&class=2");
  expect(document.title).toBe("Memory of three steps, seed 0, after stage 1, succeeded · Palimpsest");
});

test("one request gives all snapshots, and pages of items are fetched until the view is full", async () => {
  const server = serve();
  open();
  await expect.poll(() => tiles().length, PATIENT).toBe(3);
  const asked = server.requests.filter((request) => request.includes("/memory"));
  expect(asked).toEqual([
    "GET /api/v1/runs/run-1/memory",
    "GET /api/v1/stages/stage-1/memory-items?sort=rank&order=asc&count=exact&limit=100",
    "GET /api/v1/stages/stage-1/memory-items?sort=rank&order=asc&cursor=2&limit=100",
  ]);
  expect(screen.getByRole("status").textContent).toContain("3 instances of 3");
});

test("ten thousand instances draw only those in view", async () => {
  const many = Array.from({ length: 10_000 }, (_, place) => exampleItem(place + 1));
  serve().get("/api/v1/stages/{stage_id}/memory-items", () => ({ items: many, next_cursor: null, total: many.length }));
  open();
  expect(await screen.findByText(/10,000 instances of 10,000/)).toBeTruthy();
  expect(tiles().length).toBeGreaterThan(20);
  expect(tiles().length).toBeLessThan(400);
});

test("class, source and order of the address are asked for", async () => {
  const server = serve();
  open("?stage=stage-1&source=train%2F2&order=most-pasted");
  await expect.poll(() => tiles().length, PATIENT).toBe(1);
  expect(server.requests.at(-1)).toContain("sort=times_drawn&order=desc&source_contains=train%2F2");
  fireEvent.click(screen.getByText("Show all"));
  await expect.poll(() => tiles().length, PATIENT).toBe(3);
  expect(screen.getByLabelText<HTMLInputElement>("Source image").value).toBe("");
});

test("a class that was seen and has no instance is marked by word, and the warning is told", async () => {
  serve();
  open();
  const balance = within(await screen.findByLabelText("balance of the memory"));
  expect(balance.getByText("kite").closest("tr")?.textContent).toContain("none");
  expect(screen.getByText(/no instance in memory was drawn for class 3/)).toBeTruthy();
  expect(screen.getByText(/3 of 3 instances; 1 per class in equal shares for 3/)).toBeTruthy();
});

test("nothing that fits says so", async () => {
  serve();
  open("?stage=stage-1&source=nowhere");
  expect(await screen.findByText("No instance matches")).toBeTruthy();
});

test("items that cannot be read show the problem", async () => {
  serve().get("/api/v1/stages/{stage_id}/memory-items", () => new FakeProblem({ title: "There is no such stage" }));
  open();
  expect(await screen.findByText("There is no such stage")).toBeTruthy();
});

test("an item shows its source image, box, size, and where it was pasted how often", async () => {
  serve();
  open("?stage=stage-1&item=1");
  expect(await screen.findByText("train/1.png")).toBeTruthy();
  expect(screen.getByText("2, 3 to 12, 23: 10 × 20 of 96 × 96 px")).toBeTruthy();
  expect(screen.getByText("2.0 KiB", { selector: "[role=dialog] td" })).toBeTruthy();
  expect(screen.getByAltText("source image train/1.png").getAttribute("src")).toBe("/api/v1/memory-items/1/source");
  expect(await screen.findByText("stage 1: 7 times")).toBeTruthy();
  expect(screen.getByText("stage 1, replayed instance item-of-1, weight 25.0 %")).toBeTruthy();
});

test("a picture that is gone says so", async () => {
  serve();
  open("?stage=stage-1&item=1");
  fireEvent.error(await screen.findByAltText("source image train/1.png"));
  expect(screen.getByText("This image is no longer stored.")).toBeTruthy();
});

test("arrow keys step through the items, and go on to the next page", async () => {
  serve();
  const page = open("?stage=stage-1&item=1");
  expect(await screen.findByText("1 of 3")).toBeTruthy();
  for (const place of [2, 3]) {
    fireEvent.keyDown(document.documentElement, { key: "ArrowRight", code: "ArrowRight" });
    expect(await screen.findByText(`${place} of 3`)).toBeTruthy();
  }
  expect(page.address()).toContain("item=3");
});

test("markup in the name of a source image is text", async () => {
  const markup = "<img src=x onerror=alert(1)>";
  serve([exampleItem(1, { source: markup })]);
  open();
  expect((await screen.findByAltText(`ball from ${markup}`)).getAttribute("src")).toBe("/api/v1/memory-items/1/thumbnail");
  expect(document.querySelector("img[src=x]")).toBeNull();
});

test("a snapshot that the run does not have is said to be missing", async () => {
  serve();
  open("?stage=elsewhere");
  expect(await screen.findByText("This run has no memory of that stage")).toBeTruthy();
});

test("a run without stored instances says why", async () => {
  serve().get("/api/v1/runs/{run_id}/memory", () => ({ classes: [], snapshots: [] }));
  open();
  expect(await screen.findByText("The memory is empty")).toBeTruthy();
});

test("a memory into which nothing could enter says why", async () => {
  const [first] = exampleMatrix().snapshots;
  const warning = "memory holds 0 of the 3 instances asked for";
  serve().get("/api/v1/runs/{run_id}/memory", () => ({
    classes: [],
    snapshots: first === undefined ? [] : [{ ...first, items: 0, cells: [], warnings: [warning] }],
  }));
  open();
  expect(await screen.findByText(warning)).toBeTruthy();
  expect(screen.queryByText("The memory is empty")).toBeNull();
});

test("a run whose method keeps no memory says so", async () => {
  serve()
    .get("/api/v1/runs/{run_id}/memory", () => ({ classes: [], snapshots: [] }))
    .get("/api/v1/experiments/{experiment_id}", () => ({ resolved: { config: { optim: {} } } }) as never);
  open();
  expect(await screen.findByText("The method eir keeps no replay memory")).toBeTruthy();
});

test("an address of no run says so, with a way to the list", async () => {
  serve().get("/api/v1/runs/{run_id}", () => new FakeProblem({ detail: "there is nothing" }));
  open();
  expect(await screen.findByText("There is no run run-1")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Go to the list of runs" }).getAttribute("href")).toBe("/runs");
});
