import { expect, test } from "vitest";

import { paletteOf } from "../../lib/label-colours";
import { paintVerdicts, stripeWidth } from "./painting";
import { Verdict } from "./verdicts";

const PALETTE = paletteOf([[3, "#0a80ff"]], 0);

function painted(pixels: number, paint: (bytes: Uint8ClampedArray) => void): number[][] {
  const bytes = new Uint8ClampedArray(4 * pixels);
  paint(bytes);
  return Array.from({ length: pixels }, (_, at) => [...bytes.subarray(4 * at, 4 * at + 4)]);
}

test("errors are striped, so that they can be told without colour", () => {
  const width = 8;
  const truth = new Uint8Array(width).fill(3);
  const verdicts = new Uint8Array(width).fill(Verdict.WRONG);
  const row = painted(width, (bytes) => paintVerdicts(bytes, verdicts, truth, width, PALETTE)).map(([red]) => red);
  expect(row).toEqual([176, 176, 255, 255, 176, 176, 255, 255]);
});

test("what is not learned yet is dotted, what is right is dimmed and what is unlabelled is left out", () => {
  const truth = Uint8Array.from([7, 7, 7, 7, 7, 7, 3, 255]);
  const { UNLEARNT, RIGHT, UNLABELLED } = Verdict;
  const verdicts = Uint8Array.from([...Array<number>(6).fill(UNLEARNT), RIGHT, UNLABELLED]);
  const row = painted(8, (bytes) => paintVerdicts(bytes, verdicts, truth, 8, PALETTE));
  expect(row.map((rgba) => rgba[3])).toEqual([255, 255, 90, 90, 90, 90, 45, 0]);
  expect(row[6]).toEqual([10, 128, 255, 45]);
});

test("stripes grow with the picture", () => {
  expect([32, 96, 512].map(stripeWidth)).toEqual([2, 2, 11]);
});
