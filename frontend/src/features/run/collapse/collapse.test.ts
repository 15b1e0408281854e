import { expect, test } from "vitest";

import { exampleStepTable } from "../../../testing/example-scores";
import { collapseSentences } from "./collapse";

/** The two steps over background, ball (old) and crate, with these values after step 1. */
function tableWith(iou: (number | null)[]) {
  const table = exampleStepTable();
  return { ...table, steps: table.steps.map((row) => (row.step === 1 ? { ...row, iou } : row)) };
}

test("scores that fell but stand say nothing", () => {
  expect(collapseSentences(exampleStepTable(), "step")).toEqual([]);
  expect(collapseSentences({ ...exampleStepTable(), steps: [] }, "step")).toEqual([]);
});

test("a background that is hardly recognised is said, with what it was", () => {
  expect(collapseSentences(tableWith([0.012, 0.5, 0.4]), "step")).toEqual([
    "After step 1 the background is hardly recognised: IoU 1.2 %, after 90.0 % before. The model takes nearly every pixel for one of the classes.",
  ]);
});

test("old classes that are all forgotten are said, and the new ones do not count", () => {
  expect(collapseSentences(tableWith([0.9, 0.01, 0.4]), "step")).toEqual([
    "After step 1 the one class that was learned before is forgotten: IoU below 5 %, after up to 80.0 % before.",
  ]);
});

test("a class that the test images do not show says nothing", () => {
  expect(collapseSentences(tableWith([null, null, 0.4]), "step")).toEqual([]);
});
