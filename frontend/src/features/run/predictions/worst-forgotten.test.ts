import { expect, test } from "vitest";

import { exampleStepTable } from "../../../testing/example-scores";
import { worstForgotten } from "./worst-forgotten";

test("the worst forgotten class is the one with the largest drop", () => {
  expect(worstForgotten(exampleStepTable())).toEqual({ id: 1, name: "ball", drop: 0.3 });
  expect(worstForgotten({ ...exampleStepTable(), steps: exampleStepTable().steps.slice(0, 1) })).toBeNull();
  expect(worstForgotten(undefined)).toBeNull();
});
