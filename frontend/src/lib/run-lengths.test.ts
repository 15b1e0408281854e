import { expect, test } from "vitest";

import { maskPixels } from "./run-lengths";

test("runs go down the columns", () => {
  expect([...maskPixels({ size: [3, 4], counts: "42111" })]).toEqual([0, 0, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0]);
});

test("long runs and differences to earlier ones are read as the tools of COCO write them", () => {
  const counts =
    "[6S150000000000000000000000000000TO5;KE5;KE5;KE5;KE5;KE5;KE5;KE5;KE5;KE5;Ka000000000000000000000000000000000000000]<";
  const mask = maskPixels({ size: [40, 60], counts });
  const isInside = (x: number, y: number) => x >= 5 && x < 50 && y >= 3 && y < 38 && !(x >= 20 && x < 30 && y >= 10 && y < 20);
  expect([...mask]).toEqual(Array.from({ length: 2400 }, (_, at) => Number(isInside(at % 60, Math.floor(at / 60)))));
});

test("a mask may be empty or full", () => {
  expect([...maskPixels({ size: [2, 2], counts: "4" })]).toEqual([0, 0, 0, 0]);
  expect([...maskPixels({ size: [2, 2], counts: "04" })]).toEqual([1, 1, 1, 1]);
});
