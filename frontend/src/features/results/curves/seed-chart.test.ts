import { expect, test } from "vitest";

import type { SeedCurve } from "../../../api/types";
import { seedChart, seedOffsets, stageMarks } from "./seed-chart";

const curve = (changes: Partial<SeedCurve>): SeedCurve => ({
  label: "replay",
  run_ids: ["a", "b"],
  seeds: [0, 4],
  count: 2,
  downsampled: false,
  stage_index: [0, 1],
  iteration: [10, 5],
  mean: [0.5, 0.25],
  std: [0.1, 0.2],
  n: [2, 2],
  not_finite: [0, 0],
  values: null,
  ...changes,
});

test("stages lie one behind the other, as long as the longest curve of each", () => {
  const offsets = seedOffsets([curve({}), curve({ stage_index: [0, 2], iteration: [40, 7] })]);
  expect(offsets).toEqual([0, 40, 45]);
  expect(stageMarks(offsets)).toEqual([
    { x: 0, label: "stage 0" },
    { x: 40, label: "stage 1" },
    { x: 45, label: "stage 2" },
  ]);
});

test("members share one axis, and have gaps where another was measured", () => {
  const single = curve({ label: "tuned", run_ids: ["c"], seeds: [0], stage_index: [0, 0], iteration: [10, 20], mean: [0.9, 0.8], std: [null, null] });
  const { x, curves } = seedChart([curve({}), single], [0, 40], false);
  expect(x).toEqual([10, 20, 45]);
  expect(curves.map(({ label, values, deviations }) => [label, values, deviations])).toEqual([
    ["replay", [0.5, null, 0.25], [0.1, null, 0.2]],
    ["tuned", [0.9, 0.8, null], undefined],
  ]);
});

test("single seeds are thin lines in the colour of their mean", () => {
  const { curves } = seedChart([curve({ values: [[0.4, 0.05], [0.6, 0.45]] })], [0, 10], false);
  expect(curves.map(({ label, isThin }) => [label, isThin])).toEqual([
    ["replay", undefined],
    ["replay, seed 0", true],
    ["replay, seed 4", true],
  ]);
  expect(new Set(curves.map(({ colour }) => colour)).size).toBe(1);
});

test("values that are not finite are counted and marked where they begin, and a logarithm has none below zero", () => {
  const { curves, markers, notFinite } = seedChart([curve({ mean: [-0.5, 0.25], not_finite: [0, 2] })], [0, 10], true);
  expect(curves[0]?.values).toEqual([null, 0.25]);
  expect(markers).toEqual([{ x: 15, label: "replay: not finite", isFailure: true }]);
  expect(notFinite).toBe(2);
});
