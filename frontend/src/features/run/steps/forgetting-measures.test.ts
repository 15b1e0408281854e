import { expect, test } from "vitest";

import { exampleMatrix } from "../../../testing/example-scores";
import { cellState } from "./forgetting-measures";

test("a cell without a number is undefined, not learned yet, or not tested", () => {
  const [first, second] = exampleMatrix().rows;
  if (first === undefined || second === undefined) {
    throw new Error("the example has two rows");
  }
  expect([cellState(first, 0, 0), cellState(first, 1, 1)]).toEqual(["value", "early"]);
  expect(cellState({ ...second, values: [null, 0.4], is_undefined: [true, false] }, 0, 0)).toBe("undefined");
  expect(cellState({ ...second, values: [null, 0.4] }, 0, null)).toBe("untested");
  expect(cellState({ ...second, values: [0, 0.4] }, 0, 0)).toBe("value");
});
