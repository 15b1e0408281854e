import { expect, test } from "vitest";

import { exampleStepTable } from "../../../testing/example-scores";
import { classLines, type ClassOrder } from "./step-order";

const names = (order: ClassOrder) => classLines(exampleStepTable(), order).map((line) => line.label.name);

test("worst forgotten comes first, and what nobody could forget yet last", () => {
  expect(names("forgotten")).toEqual(["ball", "background", "crate"]);
});

test("the lowest present IoU comes first on request", () => {
  expect(names("lowest")).toEqual(["crate", "ball", "background"]);
});

test("classes come in the order in which they were learned on request", () => {
  expect(names("learned")).toEqual(["background", "ball", "crate"]);
});

test("each line holds its class's values over the steps", () => {
  const ball = classLines(exampleStepTable(), "forgotten")[0];
  expect(ball?.cells).toEqual([
    { iou: 0.8, drop: null, isUndefined: false, falseShare: null },
    { iou: 0.5, drop: 0.3, isUndefined: false, falseShare: null },
  ]);
});
