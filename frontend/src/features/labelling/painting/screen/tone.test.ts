import { expect, test } from "vitest";

import { applyTone, isPlain, toneTable } from "./tone";

const PLAIN = { brightness: 100, contrast: 100, gamma: 100 };

test("a plain tone changes nothing", () => {
  expect(isPlain(PLAIN)).toBe(true);
  expect([...toneTable(PLAIN)]).toEqual(Array.from({ length: 256 }, (_, value) => value));
});

test.each([
  ["brightness doubles", { brightness: 200 }, [0, 128, 255]],
  ["contrast spreads around the middle", { contrast: 200 }, [0, 0, 255]],
  ["gamma lifts dark parts and keeps both ends", { gamma: 200 }, [0, 128, 255]],
])("%s", (_, values, expected) => {
  const table = toneTable({ ...PLAIN, ...values });
  expect([table[0], table[64], table[255]]).toEqual(expected);
  expect(isPlain({ ...PLAIN, ...values })).toBe(false);
});

test("opacity is left alone", () => {
  const pixels = Uint8ClampedArray.from([10, 20, 30, 40]);
  applyTone(pixels, toneTable({ ...PLAIN, brightness: 200 }));
  expect([...pixels]).toEqual([20, 40, 60, 40]);
});
