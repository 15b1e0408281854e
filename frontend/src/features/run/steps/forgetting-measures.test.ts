import { expect, test } from "vitest";

import { exampleStepTable } from "../../../testing/example-scores";
import { groupDrop } from "./forgetting-measures";

test("a group drops from its own step on", () => {
  const { steps } = exampleStepTable();
  expect(groupDrop(steps, 1, 0)).toBeCloseTo(0.3);
  expect(groupDrop(steps, 0, 0)).toBeNull();
  expect(groupDrop(steps, 0, 1)).toBeNull();
  expect(groupDrop(steps, 1, 1)).toBeNull();
});
