import { expect, test } from "vitest";

import { offeredNames, readNames, splitOf } from "./class-split";

const CLASSES = ["ball", "Crate", "traffic_light", "kite"];

test("without a name for the unknown classes all others are unknown", () => {
  expect(splitOf(CLASSES, ["ball", "crate"], [])).toEqual({
    known: ["ball", "Crate"],
    unknown: ["traffic_light", "kite"],
    leftOut: [],
    missing: [],
  });
});

test("names are compared as the service compares them, and what the dataset lacks is told", () => {
  expect(splitOf(CLASSES, ["BALL", "tent"], ["traffic-light"])).toEqual({
    known: ["ball"],
    unknown: ["traffic_light"],
    leftOut: ["Crate", "kite"],
    missing: ["tent"],
  });
});

test("a list offers what neither list has, and keeps its own names as they are written", () => {
  expect(offeredNames(CLASSES, ["BALL"], ["kite"])).toEqual(["BALL", "Crate", "traffic_light"]);
});

test("what is no list of names is not read as one", () => {
  expect(readNames(["a"])).toEqual(["a"]);
  expect(readNames(undefined)).toEqual([]);
  expect(readNames([1])).toBeNull();
  expect(readNames("a")).toBeNull();
});
