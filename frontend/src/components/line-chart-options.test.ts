import { expect, test } from "vitest";

import { axisWidth } from "./line-chart-options";

const sevenEach = (label: string) => label.length * 7;

test("the axis keeps its usual width for short labels, and while there are none", () => {
  expect(axisWidth(["0", "0.5", "1"], sevenEach)).toBe(56);
  expect(axisWidth(null, sevenEach)).toBe(56);
});

test("long labels get all the room that they need", () => {
  expect(axisWidth(["0", "1.00e+27"], sevenEach)).toBe(8 * 7 + 19);
});
