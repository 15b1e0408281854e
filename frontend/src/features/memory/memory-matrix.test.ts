import { expect, test } from "vitest";

import { exampleMatrix } from "./example-memory";
import { formatShare, matrixLines } from "./memory-matrix";

test("a class is a line and a snapshot a column; a class without items differs from one that was not seen", () => {
  expect(matrixLines(exampleMatrix()).map(({ name, cells }) => [name, cells])).toEqual([
    ["ball", [{ items: 3, bytes: 6144, isMissing: false }, { items: 2, bytes: 4096, isMissing: false }]],
    ["crate", [null, { items: 1, bytes: 2048, isMissing: false }]],
    ["kite", [null, { items: 0, bytes: 0, isMissing: true }]],
  ]);
});

test("a share of the budget has one decimal where it needs one", () => {
  expect([4, 10 / 3, null].map(formatShare)).toEqual(["4", "3.3", "no class"]);
});
