import { expect, test } from "vitest";

import { brushSpans } from "./brush";
import { bytesOf, History, MIN_STEPS } from "./history";
import { LabelMap, SOURCE } from "./label-map";
import { Painter } from "./painter";
import { packRuns, unpackRuns } from "./run-lengths";
import { IGNORED, randomFrom } from "./testing";

function blank(width: number, height: number): LabelMap {
  return new LabelMap(width, height, new Uint8Array(width * height).fill(IGNORED), IGNORED);
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return one.length === other?.length && one.every((value, at) => value === other[at]);
}

test.each([
  [[]],
  [[7]],
  [[1, 1, 2]],
  [Array.from({ length: 127 }, () => 3)],
  [Array.from({ length: 128 }, () => 3)],
  [[...Array.from({ length: 70_000 }, () => 255), 0, 255]],
])("runs are packed and unpacked", (bytes: number[]) => {
  const packed = packRuns(Uint8Array.from(bytes));
  expect([...unpackRuns(packed, bytes.length)]).toEqual(bytes);
  expect(packed.length).toBeLessThanOrEqual(2 * bytes.length);
});

/** Draw strokes of random brushes over a map of several tiles, and keep the map after each. */
function scribble(painter: Painter, strokes: number): { ids: Uint8Array; sources: Uint8Array }[] {
  const random = randomFrom(11);
  const { map } = painter;
  return Array.from({ length: strokes }, () => {
    const brush = { shape: random() < 0.5 ? ("round" as const) : ("square" as const), size: 1 + Math.floor(random() * 60) };
    const place = () => ({ x: random() * map.width, y: random() * map.height });
    painter.begin(Math.floor(random() * 5), SOURCE.person);
    painter.draw((edit) => brushSpans(brush, place(), place(), edit.span));
    painter.draw((edit) => brushSpans(brush, place(), place(), edit.span));
    painter.end();
    return { ids: map.ids.slice(), sources: map.sources.slice() };
  });
}

test("a hundred strokes over all tiles are taken back one by one, and done again", () => {
  const painter = new Painter(blank(600, 300));
  const states = [{ ids: painter.map.ids.slice(), sources: painter.map.sources.slice() }, ...scribble(painter, 100)];
  for (const state of states.slice(0, -1).reverse()) {
    expect(painter.undo()).not.toBeNull();
    expect(isSame(painter.map.ids, state.ids)).toBe(true);
    expect(isSame(painter.map.sources, state.sources)).toBe(true);
  }
  expect(painter.undo()).toBeNull();
  expect(painter.history.canUndo).toBe(false);
  for (const state of states.slice(1)) {
    expect(painter.redo()).not.toBeNull();
    expect(isSame(painter.map.ids, state.ids)).toBe(true);
  }
  expect(painter.redo()).toBeNull();
});

test("the last steps survive where the page is loaded anew", () => {
  const painter = new Painter(blank(300, 300));
  const states = scribble(painter, 30);
  const kept = structuredClone(painter.history.last(20));
  const reloaded = new Painter(new LabelMap(300, 300, painter.map.ids.slice(), IGNORED, painter.map.sources.slice()), kept);
  for (let step = 0; step < 20; step++) {
    expect(reloaded.undo()).not.toBeNull();
  }
  expect(isSame(reloaded.map.ids, states[9]?.ids)).toBe(true);
  expect(reloaded.undo()).toBeNull();
});

test("a new stroke forgets what was undone", () => {
  const painter = new Painter(blank(8, 8));
  painter.act(1, SOURCE.person, (edit) => edit.span(0, 0, 4));
  painter.undo();
  painter.act(2, SOURCE.person, (edit) => edit.span(1, 0, 4));
  expect(painter.redo()).toBeNull();
});

test("a stroke that changes nothing is no step", () => {
  const painter = new Painter(blank(8, 8));
  expect(painter.act(IGNORED, SOURCE.none, (edit) => edit.span(0, 0, 4))).toBe(false);
  expect(painter.history.canUndo).toBe(false);
});

test("however large the steps, a hundred are kept, and not many more", () => {
  const large = { tiles: [{ rect: { left: 0, top: 0, right: 1, bottom: 1 }, ids: new Uint8Array(2 ** 20), sources: new Uint8Array() }] };
  const history = new History();
  for (let step = 0; step < 150; step++) {
    history.push(large);
  }
  expect(bytesOf(large)).toBe(2 ** 20);
  expect(history.last(1000)).toHaveLength(MIN_STEPS);
});
