import { expect, test } from "vitest";

import { panned, transformOf, WHOLE, zoomedAt } from "./zoom-view";

test("what lies under the pointer stays there", () => {
  const twice = zoomedAt(WHOLE, 2, { x: 0.5, y: 1 });
  expect(twice).toEqual({ scale: 2, left: 0.25, top: 0.5 });
  const again = zoomedAt(twice, 2, { x: 0.2, y: 0.4 });
  expect(again.left + 0.2 / again.scale).toBeCloseTo(twice.left + 0.2 / twice.scale);
});

test("the view never leaves the picture", () => {
  const twice = zoomedAt(WHOLE, 2, { x: 0, y: 0 });
  expect(panned(twice, { x: 0.4, y: -0.4 })).toEqual({ scale: 2, left: 0, top: 0.2 });
  expect(panned(twice, { x: -9, y: -9 })).toEqual({ scale: 2, left: 0.5, top: 0.5 });
  expect(zoomedAt(panned(twice, { x: -9, y: -9 }), 0.01, { x: 0, y: 0 })).toEqual(WHOLE);
  expect(zoomedAt(WHOLE, 1000, { x: 0, y: 0 }).scale).toBe(32);
});

test("a view is laid by a transform from the upper left corner", () => {
  expect(transformOf({ scale: 2, left: 0.25, top: 0.5 })).toBe("scale(2) translate(-25%, -50%)");
});
