import { expect, test } from "vitest";

import type { Point } from "../../../api/types";
import { exampleAttempt, exampleStage } from "../../../testing/examples";
import { alignCurves, curveFamilies, defaultCurves, failureMarkers, stageMarkers, stageOffsets } from "./curve-axis";

const point = (stage_index: number, iteration: number, value: Point["value"]): Point => ({
  stage_index,
  iteration,
  value,
  attempt: 1,
  is_hidden: false,
});

test("stages follow one another, also where the plan did not know their length", () => {
  const stages = [exampleStage(0), exampleStage(1, { total_iterations: null }), exampleStage(2)];
  expect(stageOffsets(stages, [[point(1, 250, 1)], [point(1, 300, 1)]])).toEqual([0, 400, 700]);
});

test("a stage is marked by its name where it begins, and one that measures nothing is not", () => {
  const [train, select, label, again] = ["train-0", "select-0", "label-0", "train-1"].map((name, index) => exampleStage(index, { name }));
  const stages = [train, select, label, again].filter((stage) => stage !== undefined);
  expect(stageMarkers(stages, [0, 300, 300, 300])).toEqual([
    { x: 0, label: "train-0" },
    { x: 300, label: "train-1" },
  ]);
});

test("curves share one axis and leave gaps where they were not measured or not finite", () => {
  const loss = [point(0, 10, 1), point(0, 20, "NaN"), point(1, 10, 3)];
  const distillation = [point(1, 10, 0.5)];
  expect(alignCurves([loss, distillation], [0, 400])).toEqual({
    x: [10, 20, 410],
    values: [
      [1, null, 3],
      [null, null, 0.5],
    ],
  });
});

test("curves that were measured at the same iterations lie over one another as they are", () => {
  const loss = [point(0, 10, 1), point(0, 20, "Infinity"), point(1, 10, 3)];
  const distillation = [point(0, 10, 4), point(0, 20, 5), point(1, 10, 6)];
  expect(alignCurves([loss, distillation], [0, 400])).toEqual({
    x: [10, 20, 410],
    values: [
      [1, null, 3],
      [4, 5, 6],
    ],
  });
});

test("of two points at one place the later one counts, also where all curves have two", () => {
  const loss = [point(0, 10, 1), point(0, 10, 2)];
  expect(alignCurves([loss, loss], [0])).toEqual({ x: [10], values: [[2], [2]] });
});

test("without any curve there is no axis", () => {
  expect(alignCurves([], [0])).toEqual({ x: [], values: [] });
});

test("losses stand in one chart, other measurements in their own", () => {
  expect(curveFamilies(["loss", "loss_kd", "lr", "grad_norm"])).toEqual([
    { family: "loss", keys: ["loss", "loss_kd"] },
    { family: "lr", keys: ["lr"] },
    { family: "grad", keys: ["grad_norm"] },
  ]);
});

test("of many curves the losses are shown first", () => {
  expect(defaultCurves(["grad_norm", "loss", "loss_kd", "lr"], null)).toEqual(["loss", "loss_kd"]);
  expect(defaultCurves(["a", "b"], null)).toEqual(["a", "b"]);
});

test("scores of the headline's kind come before the losses, and the whole loss before its parts", () => {
  const keys = ["grad_norm", "loss-kd", "loss", "mask_bce_loss", "val_iou"];
  expect(defaultCurves(keys, "last_iou")).toEqual(["val_iou", "loss", "loss-kd"]);
  expect(defaultCurves(["loss", "lr", "miou_a", "miou_b", "miou_c", "miou_mean"], "miou_nonempty")).toEqual(["miou_a", "miou_b", "miou_c", "loss"]);
});

test("an attempt that failed is marked at its last iteration, and one that never began is not", () => {
  const failed = exampleAttempt({ state: "failed", iteration: 120 });
  const stages = [
    exampleStage(0),
    exampleStage(1, { attempts: [failed, exampleAttempt({ state: "failed" }), exampleAttempt({ iteration: 130 })] }),
  ];
  expect(failureMarkers(stages, [0, 400])).toEqual([{ x: 520, label: "failed", isFailure: true }]);
});
