import { expect, test } from "vitest";

import { paintClasses, paletteOf } from "./label-colours";

const PALETTE = paletteOf([[3, "#0a80ff"]], 0);

function painted(pixels: number, paint: (bytes: Uint8ClampedArray) => void): number[][] {
  const bytes = new Uint8ClampedArray(4 * pixels);
  paint(bytes);
  return Array.from({ length: pixels }, (_, at) => [...bytes.subarray(4 * at, 4 * at + 4)]);
}

test("classes have their colours, the background is black, unknown ids are grey and unlabelled pixels are left out", () => {
  const ids = Uint8Array.from([3, 0, 9, 250]);
  expect(painted(4, (bytes) => paintClasses(bytes, ids, PALETTE, 250, null)).slice(0, 3)).toEqual([
    [10, 128, 255, 255],
    [0, 0, 0, 255],
    [128, 128, 128, 255],
  ]);
  expect(painted(4, (bytes) => paintClasses(bytes, ids, PALETTE, 250, null))[3]?.[3]).toBe(0);
});

test("all but the chosen class is dimmed", () => {
  const opacities = painted(3, (bytes) => paintClasses(bytes, Uint8Array.from([3, 0, 255]), PALETTE, 255, 3)).map((rgba) => rgba[3]);
  expect(opacities).toEqual([255, 45, 0]);
});
