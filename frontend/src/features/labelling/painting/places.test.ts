import { expect, test } from "vitest";

import { drawnMap } from "../engine/testing";
import { placeAt, placesOf, stepOf, stops } from "./places";

const QUERIED = Uint8Array.from([1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1]);
const SIZE = { width: 4, height: 3 };

test("places are the connected queried pixels, and none where all is queried", () => {
  expect(placesOf(QUERIED, SIZE).map(({ pixels }) => pixels)).toEqual([2, 2, 1]);
  expect(placesOf(null, SIZE)).toEqual([]);
});

test("a point lies in the place that has its pixel", () => {
  const places = placesOf(QUERIED, SIZE);
  expect(placeAt(places, { x: 1.9, y: 0.2 })?.rect).toEqual({ left: 0, top: 0, right: 2, bottom: 1 });
  expect(placeAt(places, { x: 2.1, y: 0.2 })).toBeUndefined();
});

test("one goes from place to place, and in a whole image over what has no class", () => {
  const map = drawnMap("1.1.", "1.1.", "..11");
  expect(stops([], map).map(({ pixels }) => pixels)).toEqual([4, 2]);
  expect(stops(placesOf(QUERIED, SIZE), map)).toHaveLength(3);
  expect([stepOf(3, null, 1), stepOf(3, 2, 1), stepOf(3, 0, -1), stepOf(3, null, -1), stepOf(0, null, 1)]).toEqual([0, 0, 2, 2, null]);
});
