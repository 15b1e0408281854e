import { expect, test } from "vitest";

import { histogramBins } from "./histogram-bins";

test("bars have the ends of their values, and heights against the highest", () => {
  expect(histogramBins([4, 0, 8], [0.1, 0.4])).toEqual([
    { from: "0.1", to: "0.2", images: 4, share: 0.5 },
    { from: "0.2", to: "0.3", images: 0, share: 0 },
    { from: "0.3", to: "0.4", images: 8, share: 1 },
  ]);
  expect(histogramBins([], [0, 0])).toEqual([]);
});

test("ends of a narrow range can be told apart", () => {
  expect(histogramBins([1, 2], [0.99801, 0.99803]).map(({ from, to }) => [from, to])).toEqual([
    ["0.99801", "0.99802"],
    ["0.99802", "0.99803"],
  ]);
});
