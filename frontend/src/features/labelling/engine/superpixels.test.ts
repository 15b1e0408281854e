import { expect, test } from "vitest";

import { Superpixels } from "./superpixels";
import { drawn } from "./testing";

const PIECES = new Superpixels(4, 3, Uint16Array.from([0, 0, 1, 1, 0, 2, 2, 1, 300, 2, 2, 1]));

test("a piece is found under a place, and its rows are emitted", () => {
  expect(PIECES.at({ x: 1.5, y: 1.2 })).toBe(2);
  expect(PIECES.at({ x: 4, y: 1 })).toBeNull();
  expect(PIECES.rectOf(1)).toEqual({ left: 2, top: 0, right: 4, bottom: 3 });
  expect(drawn(4, 3, (emit) => PIECES.spans(1, emit))).toEqual(["..##", "...#", "...#"]);
  expect(drawn(4, 3, (emit) => PIECES.spans(300, emit))).toEqual(["....", "....", "#..."]);
});

test("a drag takes every piece on its way", () => {
  expect([...PIECES.between({ x: 0.5, y: 0.5 }, { x: 3.5, y: 0.5 })]).toEqual([0, 1]);
  expect([...PIECES.between({ x: 0.5, y: 2.5 }, { x: 3.5, y: 2.5 })]).toEqual([300, 2, 1]);
});

test("the border of a piece lies around it", () => {
  const lines: string[] = [];
  PIECES.border(300, (...line) => lines.push(line.join(" ")));
  expect(lines).toEqual(["0 2 1 2", "0 3 1 3", "0 2 0 3", "1 2 1 3"]);
});
