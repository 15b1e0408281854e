import { expect, test } from "vitest";

import type { DatasetKind, DatasetRoot, DatasetSummary } from "../../../api/types";
import { choiceOf, choicesOf, ofLayout } from "./choices";

const SPLITS = [{ name: "train", images: 1367, sound: 1367 }];
const ROOTS: DatasetRoot[] = [
  {
    path: "/data",
    exists: true,
    folders: [
      { path: "/data/camvid", adapter: "folder", num_classes: 11, splits: SPLITS, split_names: [] },
      { path: "/data/voc", adapter: "voc", num_classes: 20, splits: [], split_names: [] },
    ],
  },
];
const KINDS: DatasetKind[] = [
  { name: "objects", kind: "world", title: "Shapes", options: {} },
  { name: "voc", kind: "folder", title: "VOC", options: {} },
];

function registered(name: string, state: DatasetSummary["state"], spec: DatasetSummary["spec"]): DatasetSummary {
  return {
    id: name,
    name,
    spec,
    state,
    message: null,
    is_waiting: false,
    num_classes: 6,
    splits: SPLITS,
    num_faults: 0,
    digest: null,
    created_at: "",
    scanned_at: null,
  };
}

const SMALL_WORLD = { world: "objects", classes: 3 };
const CHOICES = choicesOf({
  registered: [
    registered("late", "scanning", { adapter: "voc", root: "/data/other" }),
    registered("streets", "ready", { adapter: "folder", root: "/data/camvid", train_split: "train" }),
    registered("small", "ready", SMALL_WORLD),
  ],
  roots: ROOTS,
  kinds: KINDS,
});

test("ready datasets come first, and a folder that is registered is offered once", () => {
  expect(CHOICES.map((choice) => choice.label)).toEqual(["streets", "small", "late", "/data/voc", "objects"]);
});

test("classes and images of each are told, or why it is not ready", () => {
  expect(CHOICES.map((choice) => choice.hint)).toEqual([
    "6 classes, 1,367 train images",
    "6 classes, 1,367 train images",
    "scanning",
    "layout voc, 20 classes, no images",
    "Shapes",
  ]);
});

test("a document's dataset is found again among the choices", () => {
  const label = (dataset: unknown) => choiceOf(CHOICES, dataset)?.label;
  expect(label({ adapter: "folder", root: "/data/camvid", train_split: "train", eval_split: "val" })).toBe("streets");
  expect(label({ adapter: "voc", root: "/data/voc", train_split: "train" })).toBe("/data/voc");
  expect(label({ world: "objects", classes: 3, size_px: 64 })).toBe("small");
  expect(label({ world: "objects", classes: 9 })).toBe("objects");
  expect(label({ adapter: "voc", root: "data/voc" })).toBeUndefined();
  expect(label("voc")).toBeUndefined();
});

test("choices can be narrowed to the layout that a preset was written for", () => {
  expect(ofLayout(CHOICES, "voc").map((choice) => choice.label)).toEqual(["late", "/data/voc"]);
  expect(ofLayout(CHOICES, null)).toEqual(CHOICES);
});
