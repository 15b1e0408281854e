import { expect, test } from "vitest";

import { type PanelIds, Verdict, verdictsOf } from "./verdicts";

const { RIGHT, WRONG, UNLEARNT, UNLABELLED } = Verdict;
const KNOWN = { backgroundId: 0, ignoreId: 255, learned: new Set([3, 5]) };

function verdicts(truth: number[], prediction: number[], chosen: number | null = null, known: PanelIds = KNOWN): number[] {
  return [...verdictsOf(Uint8Array.from(truth), Uint8Array.from(prediction), known, chosen)];
}

test("a pixel is wrong where prediction and ground truth differ", () => {
  expect(verdicts([0, 3, 3, 5], [0, 3, 0, 3])).toEqual([RIGHT, RIGHT, WRONG, WRONG]);
});

test("a class that is not learned yet is no error, whatever was predicted there", () => {
  expect(verdicts([7, 7], [0, 3])).toEqual([UNLEARNT, UNLEARNT]);
});

test("what nobody labelled is not judged", () => {
  expect(verdicts([255, 255], [3, 255])).toEqual([UNLABELLED, UNLABELLED]);
});

test("with a class chosen only errors about it count: missed and mistaken for it", () => {
  expect(verdicts([3, 0, 5, 5], [0, 3, 0, 5], 3)).toEqual([WRONG, WRONG, RIGHT, RIGHT]);
});

test("without a background its raw id is a class like any other", () => {
  const known = { backgroundId: null, ignoreId: 255, learned: new Set([3]) };
  expect(verdicts([0, 3], [255, 255], null, known)).toEqual([UNLEARNT, WRONG]);
});
