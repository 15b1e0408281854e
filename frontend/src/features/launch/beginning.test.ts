import { expect, test } from "vitest";

import { beginningOf, partsOfBeginning } from "./beginning";

const METHODS = [
  { name: "eir", presets: ["eir/demo"] },
  { name: "stal", presets: ["stal/demo"] },
];

test("a document begins with its preset, else with its method", () => {
  expect(beginningOf({ method: "stal", preset: "stal/demo" }, METHODS)).toBe("stal/demo");
  expect(beginningOf({ method: "stal" }, METHODS)).toBe("stal");
});

test("a preset of another method, or one that there is not, leaves the method", () => {
  expect(beginningOf({ method: "stal", preset: "eir/demo" }, METHODS)).toBe("stal");
  expect(beginningOf({ method: "stal", preset: "stal/dem" }, METHODS)).toBe("stal");
});

test("a document of no known method begins with nothing", () => {
  expect(beginningOf({ method: "sta", preset: "stal/demo" }, METHODS)).toBeNull();
  expect(beginningOf({}, METHODS)).toBeNull();
});

test("the name of a preset begins with its method", () => {
  expect(partsOfBeginning("eir/demo")).toEqual({ method: "eir", preset: "eir/demo" });
  expect(partsOfBeginning("eir")).toEqual({ method: "eir", preset: null });
});
