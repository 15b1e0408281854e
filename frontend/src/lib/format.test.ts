import { expect, test } from "vitest";

import { formatBytes, formatCount, formatDuration, formatPercent, formatValue } from "./format";

test("bytes take the largest binary unit that keeps them above one", () => {
  expect([0, 1023, 1536, 1024 ** 2 * 200, 1024 ** 4].map(formatBytes)).toEqual([
    "0 B",
    "1023 B",
    "1.5 KiB",
    "200 MiB",
    "1.0 TiB",
  ]);
});

test("durations show their two largest units", () => {
  expect([0.4, 59, 60, 61, 3725, 90_000].map(formatDuration)).toEqual([
    "0 s",
    "59 s",
    "1 min",
    "1 min 1 s",
    "1 h 2 min",
    "1 d 1 h",
  ]);
});

test("a share is written as percent, and nothing as a dash", () => {
  expect([0.7949, 0, 1, null, undefined].map(formatPercent)).toEqual(["79.5", "0.0", "100.0", "–", "–"]);
});

test("values keep four significant digits, tiny and huge ones an exponent", () => {
  expect([1.138_001, 0, 0.000_25, 12_345_678, null].map(formatValue)).toEqual(["1.138", "0", "2.50e-4", "1.23e+7", "–"]);
});

test("counts carry their noun in the right number", () => {
  expect([formatCount(1, "run"), formatCount(2, "run"), formatCount(10_000, "run")]).toEqual(["1 run", "2 runs", "10,000 runs"]);
});
