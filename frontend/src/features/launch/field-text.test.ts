import { expect, test } from "vitest";

import { textOfValue, valueOfText } from "./field-text";
import type { Field } from "./schema-field";

function field(kind: Field["kind"], isNullable = false): Field {
  return {
    kind,
    isNullable,
    pointer: "/x",
    name: "x",
    description: "",
    published: null,
    options: [],
    bounds: { isMinOpen: false, isMaxOpen: false },
    isSplit: false,
    optionLabels: {},
  optionPlaces: {},
    length: { min: 0, max: Infinity },
  };
}

test("numbers may be written with an exponent", () => {
  expect(valueOfText(field("number"), "1e-4")).toEqual({ isValid: true, value: 0.0001 });
});

test("a fraction is refused where whole numbers are wanted", () => {
  expect(valueOfText(field("integer"), "1.5")).toEqual({ isValid: false, message: "1.5 is no whole number" });
});

test("an empty control means not set where that is allowed, and nothing elsewhere", () => {
  expect(valueOfText(field("number", true), " ")).toEqual({ isValid: true, value: null });
  expect(valueOfText(field("number"), "")).toEqual({ isValid: false, message: "nothing is no number" });
});

test("lists go through JSON both ways", () => {
  const steps = [[1, 2], [3]];
  expect(textOfValue(field("json"), steps)).toBe("[[1,2],[3]]");
  expect(valueOfText(field("json"), "[[1,2],[3]]")).toEqual({ isValid: true, value: steps });
  expect(valueOfText(field("json"), "[[1,2")).toMatchObject({ isValid: false });
});

test("numbers with commas between them are a list", () => {
  expect(valueOfText(field("json"), "4, 4")).toEqual({ isValid: true, value: [4, 4] });
  expect(valueOfText(field("json"), "0.44,1e2")).toEqual({ isValid: true, value: [0.44, 100] });
  expect(valueOfText(field("json"), "4,")).toMatchObject({ isValid: false });
  expect(valueOfText(field("json"), "a, b")).toMatchObject({ isValid: false });
});
