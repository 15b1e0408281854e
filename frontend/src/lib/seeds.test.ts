import { expect, test } from "vitest";

import { parseSeeds } from "./seeds";

test("seeds are read one by one and as ranges", () => {
  expect(parseSeeds("0-2, 7 9")).toEqual([0, 1, 2, 7, 9]);
});

test.each([
  ["", "give at least one seed"],
  ["x", "x is no seed"],
  ["-1", "-1 is no seed"],
  ["1.5", "1.5 is no seed"],
  ["5-3", "5-3 is no range"],
  ["0-200", "0-200 is no range"],
  ["0-150 151-250", "251 seeds are too many"],
  ["1, 0-3", "seed 1 is there twice"],
])("%j is refused with its reason", (typed, reason) => {
  expect(() => parseSeeds(typed)).toThrow(reason);
});
