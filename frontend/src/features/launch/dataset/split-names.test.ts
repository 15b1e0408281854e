import { expect, test } from "vitest";

import { splitNamesOf } from "./split-names";

const FOLDER = { path: "/data/camvid", adapter: "folder", num_classes: 11, splits: [], split_names: ["test_dusk", "train", "val"] };
const ROOTS = [{ path: "/data", exists: true, folders: [FOLDER, { ...FOLDER, adapter: "voc", split_names: ["train_aug"] }] }];

test("a folder's splits are those of its layout", () => {
  expect(splitNamesOf(ROOTS, { adapter: "folder", root: "/data/camvid" })).toEqual(["test_dusk", "train", "val"]);
  expect(splitNamesOf(ROOTS, { adapter: "voc", root: "/data/camvid" })).toEqual(["train_aug"]);
});

test("a world, or a folder that is not known, has no splits to offer", () => {
  expect(splitNamesOf(ROOTS, { world: "objects" })).toEqual([]);
  expect(splitNamesOf(ROOTS, { adapter: "folder", root: "/elsewhere" })).toEqual([]);
  expect(splitNamesOf(ROOTS, "voc")).toEqual([]);
});
