import { expect, test } from "vitest";

import { exampleBatch, exampleRound } from "../../../testing/example-rounds";
import { budgetPoints, costText, defaultRound, gainOf, gainText } from "./budget-points";

const COST = { images: 3, pixels: 3000, clicks: 40, seconds: 90 };
const ROUNDS = [
  exampleRound(0, { batch: exampleBatch({ state: "succeeded", gain: 0.125 }) }),
  exampleRound(1, { score: 0.625, score_student: null, labelled: COST }),
  exampleRound(2, { score: null, score_student: null }),
];

test("a training that is tested is a point over what it saw labelled, in the chosen unit", () => {
  expect(budgetPoints(ROUNDS, "images")).toEqual({ x: [0, 3], teacher: [50, 62.5], student: [45, null] });
  expect(budgetPoints(ROUNDS, "seconds").x).toEqual([0, 90]);
});

test("points go from little to much, even when answers were withdrawn between two rounds", () => {
  const backwards = [exampleRound(0, { labelled: COST }), exampleRound(1, { score: 0.25 })];
  expect(budgetPoints(backwards, "pixels")).toMatchObject({ x: [0, 3000], teacher: [25, 50] });
});

test("the gain of a round is what its training has over the one before", () => {
  expect([0, 1, 2].map((index) => gainOf(ROUNDS, index))).toEqual([null, 0.125, null]);
  expect([0.0123, -0.0123, 0.0002, -0.0002, null].map(gainText)).toEqual(["+1.2", "-1.2", "0.0", "0.0", "–"]);
});

test("costs are read as counts, time as a length of time", () => {
  expect((["images", "pixels", "clicks", "seconds"] as const).map((key) => costText(COST, key))).toEqual([
    "3",
    "3,000",
    "40",
    "1 min 30 s",
  ]);
});

test("the round that waits is shown first, else the last with queries", () => {
  expect(defaultRound(ROUNDS)).toBe(0);
  const later = exampleRound(1, { batch: exampleBatch() });
  expect(defaultRound([...ROUNDS.slice(0, 1), later, exampleRound(2)])).toBe(1);
  expect(defaultRound([])).toBe(0);
});
