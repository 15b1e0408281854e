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

test("the same keys change what is in the hand: brush, tolerance, superpixels", () => {
  const grain = (steps: number) => after({ type: "tool", tool: "superpixel" }, { type: "size", steps }).grain;
  expect([grain(-1), grain(1), grain(4)]).toEqual(["fine", "coarse", "coarse"]);
  expect(after({ type: "tool", tool: "wand" }, { type: "size", steps: 1 }).tolerance).toBe(15);
});

test("after a class is picked the tool of before is in the hand again", () => {
  const picked = after({ type: "tool", tool: "fill" }, { type: "tool", tool: "pick" }, { type: "picked", id: 7 });
  expect([picked.tool, picked.classId]).toEqual(["fill", 7]);
});
