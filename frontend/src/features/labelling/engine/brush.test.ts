import { expect, test } from "vitest";

import { type Brush, brushCentre, brushSpans } from "./brush";
import type { Point } from "./rect";
import { drawn, randomFrom } from "./testing";

const SIDE = 40;

function stroke(brush: Brush, from: Point, to: Point): string[] {
  return drawn(SIDE, SIDE, (emit) => brushSpans(brush, from, to, emit));
}

test("the smallest brush is the one pixel under the pointer", () => {
  const rows = stroke({ shape: "round", size: 1 }, { x: 7.99, y: 3.01 }, { x: 7.99, y: 3.01 });
  expect(rows.join("").indexOf("#")).toBe(3 * SIDE + 7);
  expect(rows.join("").replaceAll(".", "")).toBe("#");
});

test.each([
  [2, ["##", "##"]],
  [3, ["###", "###", "###"]],
  [5, [".###.", "#####", "#####", "#####", ".###."]],
])("a round brush of %i pixels", (size, expected) => {
  const at = { x: 10.5, y: 10.5 };
  const rows = stroke({ shape: "round", size }, at, at);
  const shown = rows.filter((row) => row.includes("#"));
  const [left, right] = [Math.min(...shown.map((row) => row.indexOf("#"))), Math.max(...shown.map((row) => row.lastIndexOf("#")))];
  expect(shown.map((row) => row.slice(left, right + 1))).toEqual(expected);
});

/** Whether the middle of a pixel lies within a brush that was drawn from place to place. */
function isCovered(brush: Brush, from: Point, to: Point, column: number, row: number): boolean {
  const [start, end] = [brushCentre(brush, from), brushCentre(brush, to)];
  const [x, y] = [column + 0.5, row + 0.5];
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const length = dx * dx + dy * dy;
  if (brush.shape === "round") {
    const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - start.x) * dx + (y - start.y) * dy) / length));
    return Math.hypot(x - start.x - share * dx, y - start.y - share * dy) <= brush.size / 2 + 1e-9;
  }
  // The shares of the way at which the square is over the column, and over the row.
  const over = (distance: number, way: number) =>
    way === 0 ? (Math.abs(distance) <= brush.size / 2 ? [0, 1] : [1, 0]) : [-1, 1].map((side) => (distance + side * (brush.size / 2)) / way).sort((a, b) => a - b);
  const [columns, rows] = [over(x - start.x, dx), over(y - start.y, dy)];
  return Math.max(columns[0] ?? 0, rows[0] ?? 0, 0) <= Math.min(columns[1] ?? 1, rows[1] ?? 1, 1) + 1e-9;
}

test.each(["round", "square"] as const)("a fast %s stroke covers all that the brush passes, and nothing else", (shape) => {
  const random = randomFrom(shape === "round" ? 1 : 2);
  const place = () => ({ x: 8 + random() * 24, y: 8 + random() * 24 });
  for (let trial = 0; trial < 12; trial++) {
    const brush = { shape, size: 2 + Math.floor(random() * 9) };
    const [from, to] = [place(), place()];
    const expected = drawn(SIDE, SIDE, (emit) => {
      for (let at = 0; at < SIDE * SIDE; at++) {
        const [row, column] = [Math.floor(at / SIDE), at % SIDE];
        if (isCovered(brush, from, to, column, row)) {
          emit(row, column, column + 1);
        }
      }
    });
    expect(stroke(brush, from, to), JSON.stringify({ brush, from, to })).toEqual(expected);
  }
});

test("a thin fast stroke has no gap: each pixel touches the next by a side or a corner", () => {
  const random = randomFrom(3);
  for (let trial = 0; trial < 20; trial++) {
    const path: Point[] = [];
    const [from, to] = [
      { x: random() * SIDE, y: random() * SIDE },
      { x: random() * SIDE, y: random() * SIDE },
    ];
    brushSpans({ shape: "round", size: 1 }, from, to, (row, left) => path.push({ x: left, y: row }));
    expect(path[0]).toEqual({ x: Math.floor(from.x), y: Math.floor(from.y) });
    expect(path.at(-1)).toEqual({ x: Math.floor(to.x), y: Math.floor(to.y) });
    path.slice(1).forEach((pixel, index) => {
      const before = path[index] ?? pixel;
      expect(Math.max(Math.abs(pixel.x - before.x), Math.abs(pixel.y - before.y))).toBe(1);
    });
  }
});
