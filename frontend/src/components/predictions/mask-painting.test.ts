import { expect, test } from "vitest";

import { COVER, paintForeground, paintObject, paintOutcomes } from "./mask-painting";

function painted(pixels: number, paint: (bytes: Uint8ClampedArray) => void): number[][] {
  const bytes = new Uint8ClampedArray(4 * pixels);
  paint(bytes);
  return Array.from({ length: pixels }, (_, at) => [...bytes.subarray(4 * at, 4 * at + 4)]);
}

test("a foreground lies half transparent over the picture, and nothing else does", () => {
  const [foreground, background] = painted(2, (bytes) => paintForeground(bytes, Uint8Array.from([1, 0]), [30, 144, 255]));
  expect(foreground).toEqual([30, 144, 255, COVER]);
  expect(background?.[3]).toBe(0);
});

test("hits are green, false alarms striped, misses dotted in orange, and the rest is left out", () => {
  const truth = Uint8Array.from([1, 0, 0, 0, 0, 1, 1, 0]);
  const prediction = Uint8Array.from([1, 1, 1, 1, 0, 0, 0, 0]);
  const row = painted(8, (bytes) => paintOutcomes(bytes, truth, prediction, 8));
  expect(row[0]).toEqual([0, 158, 115, COVER]);
  expect(row.slice(1, 4)).toEqual([
    [176, 0, 32, 255],
    [255, 255, 255, 255],
    [255, 255, 255, 255],
  ]);
  expect(row.slice(5, 7)).toEqual([
    [230, 159, 0, COVER],
    [230, 159, 0, 255],
  ]);
  expect([row[4]?.[3], row[7]?.[3]]).toEqual([0, 0]);
});

test("an object has an outline, and what lies beside it stays", () => {
  const mask = Uint8Array.from([...Array<number>(25).keys()].map((at) => Number(at % 5 > 0 && at % 5 < 4 && at > 5 && at < 20)));
  const opacities = painted(25, (bytes) => paintObject(bytes, mask, 5, [9, 9, 9], 240)).map((pixel) => pixel[3]);
  expect(opacities.slice(5, 10)).toEqual([0, 240, 240, 240, 0]);
  expect(opacities.slice(10, 15)).toEqual([0, 240, 80, 240, 0]);
});

test("an object that is cut by the border of the picture has an outline there", () => {
  const opacities = painted(9, (bytes) => paintObject(bytes, new Uint8Array(9).fill(1), 3, [9, 9, 9], 240)).map((pixel) => pixel[3]);
  expect(opacities).toEqual([240, 240, 240, 240, 80, 240, 240, 240, 240]);
});
