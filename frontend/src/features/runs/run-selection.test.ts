import { expect, test } from "vitest";

import { allToggled, NOTHING_SELECTED, rangedTo, toggled } from "./run-selection";

const ORDER = ["a", "b", "c", "d"];

test("a second click takes a row out again", () => {
  const one = toggled(NOTHING_SELECTED, "b");
  expect([[...one.ids], [...toggled(one, "b").ids]]).toEqual([["b"], []]);
});

test("a range goes from the anchor in both directions, and keeps what was selected before", () => {
  const from = toggled(toggled(NOTHING_SELECTED, "a"), "c");
  expect([...rangedTo(from, ORDER, "d").ids].sort()).toEqual(["a", "c", "d"]);
  expect([...rangedTo(from, ORDER, "b").ids].sort()).toEqual(["a", "b", "c"]);
});

test("without an anchor in the list a range is that one row", () => {
  expect([...rangedTo(NOTHING_SELECTED, ORDER, "c").ids]).toEqual(["c"]);
  expect([...rangedTo(toggled(NOTHING_SELECTED, "gone"), ORDER, "c").ids].sort()).toEqual(["c", "gone"]);
});

test("all rows are selected at once, and none the next time", () => {
  const all = allToggled(NOTHING_SELECTED, ORDER);
  expect([...all.ids]).toEqual(ORDER);
  expect(allToggled(all, ORDER)).toBe(NOTHING_SELECTED);
});
