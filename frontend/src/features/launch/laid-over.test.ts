import { expect, test } from "vitest";

import { excludedBy, laidOver, leftOf } from "./laid-over";

const ALTERNATIVES = [["schedule", "steps"]];
const STREAM = { kind: "class_incremental", setting: "disjoint", schedule: "15-1", steps: [[1], [2]] };

test("a key excludes the others of its group, and no key of another group", () => {
  expect([...excludedBy(["steps", "setting"], [...ALTERNATIVES, ["a", "b"]])]).toEqual(["schedule"]);
});

test("steps leave out the schedule of a preset, and a schedule its steps", () => {
  expect(leftOf(STREAM, { steps: [[3]] }, ALTERNATIVES)).toEqual({ kind: "class_incremental", setting: "disjoint", steps: STREAM.steps });
  expect(leftOf(STREAM, { schedule: "19-1" }, ALTERNATIVES)).toEqual({ kind: "class_incremental", setting: "disjoint", schedule: "15-1" });
});

test("a part of a stream leaves the rest of its preset's as it is", () => {
  const left = leftOf(STREAM, { setting: "overlap" }, ALTERNATIVES);
  expect(laidOver(left, { setting: "overlap" })).toEqual({ ...STREAM, setting: "overlap" });
});

test("a dataset of another kind leaves nothing of its preset's, inside a stream too", () => {
  expect(leftOf({ world: "objects", classes: 6 }, { world: "streets" })).toBeUndefined();
  const base = { seed: 3, source: { adapter: "gta5", root: "/gta5" } };
  const over = { source: { world: "streets" } };
  expect(laidOver(leftOf(base, over), over)).toEqual({ seed: 3, source: { world: "streets" } });
});

test("a document that says nothing leaves everything, and one that says null nothing", () => {
  expect([leftOf(STREAM, undefined), laidOver(STREAM, undefined)]).toEqual([STREAM, STREAM]);
  expect(laidOver(leftOf({ source: { world: "streets" } }, { source: null }), { source: null })).toEqual({ source: null });
});
