import { expect, test } from "vitest";

import { modeOf, type PaintState, reduce, startState } from "./paint-state";

const CLASSES = [
  { id: 4, name: "road", colour: "#804080" },
  { id: 7, name: "tree", colour: "#008000" },
];
const START = startState(CLASSES);

function after(...actions: Parameters<typeof reduce>[1][]): PaintState {
  return actions.reduce(reduce, START);
}

test("the last two classes are swapped, however often one of them is chosen", () => {
  expect(after({ type: "swap" }).classId).toBe(7);
  expect(after({ type: "class", id: 7 }, { type: "class", id: 7 }, { type: "swap" }).classId).toBe(4);
});

test.each([
  [15, 1, 19],
  [15, -1, 12],
  [1, 1, 2],
  [1, -1, 1],
  [2, -1, 1],
  [490, 3, 500],
])("a brush of %i pixels after %i steps has %i", (size, steps, expected) => {
  expect(after({ type: "brush", values: { size } }, { type: "size", steps }).brush.size).toBe(expected);
});

test("locks come and go", () => {
  expect([...after({ type: "lock", id: 4 }, { type: "lock", id: 7 }, { type: "lock", id: 4 }).locked]).toEqual([7]);
});

test("the mode of one class names it", () => {
  expect(modeOf(after({ type: "set", values: { mode: "one", onlyId: 7 } }))).toEqual({ only: 7 });
  expect(modeOf(START)).toBe("everything");
});
