import { expect, test } from "vitest";

import {
  classesTwice,
  firstThenEach,
  inShownOrder,
  leftOut,
  neighbour,
  placeOf,
  readSteps,
  withAddedStep,
  withMoved,
  withoutStep,
} from "./steps";

const STEPS = [[1, 2], [3], [4, 5]];

test("classes move to the end of another step, in the order in which they were chosen", () => {
  expect(withMoved(STEPS, [5, 1], 1)).toEqual([[2], [3, 5, 1], [4]]);
});

test("classes can be taken out of every step", () => {
  expect(withMoved(STEPS, [3, 4], null)).toEqual([[1, 2], [], [5]]);
});

test("a class that is in two steps is in one after it moved", () => {
  expect(withMoved([[1, 2], [2]], [2], 1)).toEqual([[1], [2]]);
});

test("a step is added empty, and its classes are free once it is removed", () => {
  expect(withAddedStep([[1]])).toEqual([[1], []]);
  expect(leftOut(withoutStep(STEPS, 1), [1, 2, 3, 4, 5])).toEqual([3]);
});

test.each([
  [2, 2, [[1, 2], [3, 4], [5]]],
  [5, 1, [[1, 2, 3, 4, 5]]],
  [9, 3, [[1, 2, 3, 4, 5]]],
  [3, 5, [[1, 2, 3], [4, 5]]],
])("%d first, then %d each", (first, each, steps) => {
  expect(firstThenEach([1, 2, 3, 4, 5], first, each)).toEqual(steps);
});

test("what is no list of lists of whole numbers is no steps", () => {
  expect([readSteps([[1, "2"]]), readSteps([1]), readSteps("15-1"), readSteps(undefined)]).toEqual([null, null, null, null]);
  expect(readSteps([[0], []])).toEqual([[0], []]);
});

test("classes that are there twice are found", () => {
  expect([...classesTwice([[1, 2], [2, 3, 3]])]).toEqual([2, 3]);
});

test("classes are shown step by step, those of no step last, each once", () => {
  expect(inShownOrder([[3], [1, 3]], [1, 2, 3])).toEqual([3, 1, 2]);
  expect([placeOf([[3], [1]], 1), placeOf([[3], [1]], 2)]).toEqual([1, null]);
});

test("behind the last step comes no step, and before the first nothing", () => {
  expect([neighbour(1, 1, 2), neighbour(null, -1, 2), neighbour(0, -1, 2), neighbour(null, 1, 2)]).toEqual([null, 1, 0, null]);
});
