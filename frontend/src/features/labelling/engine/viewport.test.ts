import { expect, test } from "vitest";

import { fitted, MAX_ZOOM, MIN_ZOOM, panned, showing, toImage, toScreen, visible, zoomedAt } from "./viewport";

const IMAGE = { width: 2048, height: 1024 };
const SCREEN = { width: 1001, height: 700 };

test.each([0.05, 0.3, 1, 1.1, 2, 7.5, 32])("a place is the same there and back at zoom %d", (zoom) => {
  const view = { zoom, x: -37, y: 12 };
  for (const place of [{ x: 0, y: 0 }, { x: 311, y: 5 }, { x: 1000, y: 699 }]) {
    const back = toScreen(view, toImage(view, place));
    expect(back.x).toBeCloseTo(place.x, 9);
    expect(back.y).toBeCloseTo(place.y, 9);
  }
});

test("every device pixel of a zoomed pixel belongs to it", () => {
  const view = zoomedAt(fitted(IMAGE, SCREEN), { x: 500, y: 350 }, 8);
  const corner = toScreen(view, { x: 1000, y: 500 });
  expect(Number.isInteger(corner.x) && Number.isInteger(corner.y)).toBe(true);
  for (let pixel = 0; pixel < 8; pixel++) {
    expect(Math.floor(toImage(view, { x: corner.x + pixel, y: corner.y + pixel }).x)).toBe(1000);
    expect(Math.floor(toImage(view, { x: corner.x + pixel, y: corner.y + pixel }).y)).toBe(500);
  }
});

test("zoom keeps what is under the pointer, to a device pixel", () => {
  const before = fitted(IMAGE, SCREEN);
  const at = { x: 123, y: 456 };
  const after = zoomedAt(before, at, 4);
  const moved = toScreen(after, toImage(before, at));
  expect(Math.abs(moved.x - at.x)).toBeLessThanOrEqual(0.5);
  expect(Math.abs(moved.y - at.y)).toBeLessThanOrEqual(0.5);
});

test("zoom has two ends", () => {
  const view = fitted(IMAGE, SCREEN);
  expect(zoomedAt(view, { x: 0, y: 0 }, 1000).zoom).toBe(MAX_ZOOM);
  expect(zoomedAt(view, { x: 0, y: 0 }, 0).zoom).toBe(MIN_ZOOM);
});

test("an image fits whole and in the middle", () => {
  const view = fitted(IMAGE, SCREEN);
  expect(view.zoom).toBeCloseTo(1001 / 2048);
  expect(visible(view, IMAGE, SCREEN)).toEqual({ left: 0, top: 0, right: 2048, bottom: 1024 });
});

test("an image cannot be pushed out of sight", () => {
  const view = panned({ zoom: 1, x: 0, y: 0 }, -99_999, 99_999, IMAGE, SCREEN);
  expect(view.x + IMAGE.width).toBe(32);
  expect(view.y).toBe(SCREEN.height - 32);
});

test("a place to look at comes to the middle, with room around it", () => {
  const rect = { left: 100, top: 50, right: 110, bottom: 60 };
  const view = showing(rect, SCREEN);
  const seen = visible(view, IMAGE, SCREEN);
  expect(view.zoom).toBe(8);
  expect(seen.left).toBeLessThan(100);
  expect(seen.right).toBeGreaterThan(110);
  expect(Math.abs(toScreen(view, { x: 105, y: 55 }).x - SCREEN.width / 2)).toBeLessThanOrEqual(0.5);
});
