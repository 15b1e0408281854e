import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import type { DatasetDetail, DatasetImagePage } from "../../api/types";
import { FakeProblem, FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { readIndexMap } from "../../lib/index-map";
import { DatasetPage } from "./dataset-page";

vi.mock("../../lib/index-map", () => ({ readIndexMap: vi.fn() }));

// A label that is on its way for as long as the test lasts.
beforeEach(() => void vi.mocked(readIndexMap).mockReturnValue(new Promise(() => undefined)));

const MOMENT = "2026-01-02T03:04:05.000Z";

function dataset(changes: Partial<DatasetDetail> = {}): DatasetDetail {
  return {
    id: "d1",
    name: "six",
    spec: { adapter: "folder", root: "/data/six" },
    state: "ready",
    message: null,
    is_waiting: false,
    num_classes: 2,
    splits: [
      {
        name: "train",
        images: 3,
        sound: 2,
        images_per_class: { 0: 2, 1: 1, 255: 1 },
        pixels_per_class: { 0: 600, 1: 300, 255: 100 },
        sizes: [{ width: 32, height: 24, images: 3 }],
        num_sizes: 1,
        modes: { RGB: 3 },
        unknown_labels: [],
      },
    ],
    num_faults: 0,
    digest: "d".repeat(64),
    created_at: MOMENT,
    scanned_at: MOMENT,
    root: "/data/six",
    classes: [
      { id: 0, name: "floor", colour: "#800000" },
      { id: 1, name: "<b>one</b>", colour: "#008000" },
    ],
    ignore_id: 255,
    background_id: null,
    faults: [],
    fault_counts: {},
    notices: [],
    notice_counts: {},
    ...changes,
  };
}

function images(classId: string | null): DatasetImagePage {
  const all = [0, 1, 2].map((index) => ({
    split: "train",
    index,
    id: `train_${index}`,
    width: 32,
    height: 24,
    classes: index === 1 ? [0, 1] : [0],
    picture: `/api/v1/datasets/d1/images/train/${index}/picture`,
    labels: `/api/v1/datasets/d1/images/train/${index}/labels`,
  }));
  const items = all.filter((image) => classId === null || image.classes.includes(Number(classId)));
  return { items, next_cursor: null, total: items.length };
}

function serve(detail: DatasetDetail): FakeServer {
  return new FakeServer()
    .get("/api/v1/datasets/{dataset_id}", () => detail)
    .get("/api/v1/datasets/{dataset_id}/images", ({ url }) => images(url.searchParams.get("class_id")));
}

function open(address = "/datasets/d1") {
  return renderPage(DatasetPage, "/datasets/:datasetId", address);
}

test("every class has its images and its share of the pixels, the ignored ones too", async () => {
  serve(dataset());
  open();
  const table = within(await screen.findByLabelText("images and pixels of each class"));
  expect(table.getByText("<b>one</b>")).toBeTruthy();
  expect(table.getByText("30.0 %")).toBeTruthy();
  expect(table.getByTitle("300 pixels")).toBeTruthy();
  expect(table.getByText("ignored")).toBeTruthy();
  expect(table.getByText("10.0 %")).toBeTruthy();
});

test("a class narrows the images to those that show it, and the address keeps it", async () => {
  serve(dataset());
  const page = open();
  expect(await screen.findAllByRole("img", { name: /^train_/ })).toHaveLength(3);
  fireEvent.click(screen.getByTitle("show images with <b>one</b>"));
  await expect.poll(() => screen.queryAllByRole("img", { name: /^train_/ }).length).toBe(1);
  expect(page.address()).toBe("/datasets/d1?class=1");
  expect(document.title).toBe("six, ready · Palimpsest");
});

test("an image is opened, stepped through by keys, and its labels are switched off by a key", async () => {
  serve(dataset());
  const page = open("/datasets/d1?image=train/0");
  expect(await screen.findByText("train 0, 32 × 24 px")).toBeTruthy();
  fireEvent.keyDown(document.documentElement, { key: "ArrowRight" });
  expect(await screen.findByText("train 1, 32 × 24 px")).toBeTruthy();
  fireEvent.keyDown(document.documentElement, { key: "l", code: "KeyL" });
  await expect.poll(page.address).toBe("/datasets/d1?image=train%2F1&labels=off");
});

test("faults are told in plain words, with the way out and the true count", async () => {
  const fault = { code: "unreadable", path: "/data/six/a.png", message: "/data/six/a.png: cannot be decoded" };
  serve(dataset({ state: "faulty", num_faults: 1200, faults: [fault], fault_counts: { unreadable: 1200 } }));
  open();
  expect(await screen.findByText(/Files cannot be read \(1,200\)/)).toBeTruthy();
  expect(screen.getByText("The files are damaged or incomplete: copy them again from their source.")).toBeTruthy();
  expect(screen.getByText("/data/six/a.png: cannot be decoded")).toBeTruthy();
  expect(screen.getByText("and 1,199 more of this kind")).toBeTruthy();
});

test("a scan that waits says for what, and one that failed says why", async () => {
  serve(dataset({ state: "scanning", is_waiting: true, scanned_at: null, digest: null, splits: [] }));
  const { unmount } = open();
  expect(await screen.findByText("Waiting for a worker to scan")).toBeTruthy();
  unmount();
  serve(dataset({ state: "failed", message: "/data/six: the root does not exist" }));
  open();
  expect(await screen.findByText("/data/six: the root does not exist")).toBeTruthy();
});

test("a root that vanished is told in the place of the images", async () => {
  serve(dataset()).get(
    "/api/v1/datasets/{dataset_id}/images",
    () => new FakeProblem({ status: 409, title: "A file of the dataset cannot be read", detail: "/data/six is gone" }),
  );
  open();
  expect(await screen.findByText("/data/six is gone")).toBeTruthy();
});

test("a label that cannot be read is named on its tile and, with the reason, in the enlarged view", async () => {
  vi.mocked(readIndexMap).mockRejectedValue(new Error("no image"));
  serve(dataset()).get("/api/v1/datasets/{dataset_id}/images/{split}/{index}/labels", () =>
    new FakeProblem({ status: 422, title: "The file cannot be used", detail: "train_1.png is no index image" }),
  );
  open();
  fireEvent.load(await screen.findByAltText("train_1"));
  const tile = screen.getByTitle("train_1, train 1");
  expect(await within(tile).findByText("label cannot be read")).toBeTruthy();
  fireEvent.click(tile);
  const dialog = within(await screen.findByRole("dialog"));
  expect(await dialog.findByText("train_1.png is no index image")).toBeTruthy();
  expect(dialog.getByText("label cannot be read")).toBeTruthy();
});
