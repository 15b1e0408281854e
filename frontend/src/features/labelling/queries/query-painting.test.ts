import { expect, test } from "vitest";

import { paintRegion, paintUncertainty, rampColour } from "./query-painting";

test("uncertainty goes from black by red to a bright yellow", () => {
  expect([0, 51, 153, 255].map(rampColour)).toEqual([
    [0, 0, 4],
    [66, 10, 104],
    [221, 81, 58],
    [252, 255, 164],
  ]);
  const pixels = new Uint8ClampedArray(8);
  paintUncertainty(pixels, Uint8Array.from([0, 255]));
  expect([...pixels]).toEqual([0, 0, 4, 255, 252, 255, 164, 255]);
});

test("a line runs around the queried pixels, which stay free themselves, and all else is veiled", () => {
  // 5 x 5 pixels, of which the 3 x 3 at the left are queried, and reach the picture's left end.
  const queried = Uint8Array.from({ length: 25 }, (_, at) => (at % 5 < 3 && at < 15 ? 255 : 0));
  const pixels = new Uint8ClampedArray(100);
  paintRegion(pixels, queried, 5);
  const opacity = Array.from({ length: 25 }, (_, at) => pixels[4 * at + 3]);
  expect(opacity).toEqual([
    ...[0, 0, 0, 255, 150],
    ...[0, 0, 0, 255, 150],
    ...[0, 0, 0, 255, 150],
    ...[255, 255, 255, 150, 150],
    ...[150, 150, 150, 150, 150],
  ]);
  expect([...pixels.slice(12, 15)]).toEqual([255, 221, 0]);
});
