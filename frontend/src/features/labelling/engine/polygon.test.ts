import { expect, test } from "vitest";

import { polygonSpans, rectangleSpans } from "./polygon";
import type { Point } from "./rect";
import { drawn, randomFrom } from "./testing";

test("a triangle takes the pixels whose middle is inside", () => {
  const corners = [
    { x: 0, y: 0 },
    { x: 4, y: 0 },
    { x: 0, y: 4 },
  ];
  expect(drawn(4, 4, (emit) => polygonSpans(corners, emit))).toEqual(["###.", "##..", "#...", "...."]);
});

test("two polygons with a common edge share no pixel and leave none out", () => {
  const [a, b, c, d] = [
    { x: 0, y: 0 },
    { x: 9, y: 0 },
    { x: 9, y: 9 },
    { x: 0, y: 9 },
  ];
  const middle = { x: 3.5, y: 4.5 };
  const counts = new Uint8Array(81);
  const parts: Point[][] = [
    [a, b, middle],
    [b, c, middle],
    [c, d, middle],
    [d, a, middle],
  ];
  for (const part of parts) {
    polygonSpans(part, (row, left, right) => {
      for (let column = left; column < right; column++) {
        counts[row * 9 + column] = (counts[row * 9 + column] ?? 0) + 1;
      }
    });
  }
  expect(new Set(counts)).toEqual(new Set([1]));
});

function isInside(corners: readonly Point[], x: number, y: number): boolean {
  return corners.filter((one, index) => {
    const other = corners[(index + 1) % corners.length] ?? one;
    return one.y <= y !== other.y <= y && x < one.x + ((y - one.y) / (other.y - one.y)) * (other.x - one.x);
  }).length % 2 === 1;
}

test("polygons that cross themselves are filled by turns", () => {
  const random = randomFrom(7);
  for (let trial = 0; trial < 20; trial++) {
    const corners = Array.from({ length: 3 + Math.floor(random() * 6) }, () => ({ x: random() * 24, y: random() * 24 }));
    const expected = Array.from({ length: 24 }, (_, row) =>
      Array.from({ length: 24 }, (__, column) => (isInside(corners, column + 0.5, row + 0.5) ? "#" : ".")).join(""),
    );
    expect(drawn(24, 24, (emit) => polygonSpans(corners, emit))).toEqual(expected);
  }
});

test("a rectangle has the pixels of both corners, whichever way it is drawn", () => {
  const rows = ["....", ".##.", ".##.", "...."];
  expect(drawn(4, 4, (emit) => rectangleSpans({ x: 1.9, y: 1.1 }, { x: 2.1, y: 2.9 }, emit))).toEqual(rows);
  expect(drawn(4, 4, (emit) => rectangleSpans({ x: 2.1, y: 2.9 }, { x: 1.9, y: 1.1 }, emit))).toEqual(rows);
});
