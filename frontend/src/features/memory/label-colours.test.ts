import { expect, test } from "vitest";

import { paintLabel } from "./label-colours";

test("raw ids become their classes' colours, and what is not kept transparent", () => {
  const pixels = new Uint8ClampedArray([3, 3, 3, 255, 255, 255, 255, 255, 9, 9, 9, 255]);
  paintLabel(pixels, new Map([[3, "#0a80ff"]]));
  expect([...pixels]).toEqual([10, 128, 255, 255, 128, 128, 128, 0, 128, 128, 128, 255]);
});
