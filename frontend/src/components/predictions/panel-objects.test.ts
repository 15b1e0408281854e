import { expect, test } from "vitest";

import type { PanelObject } from "../../api/types";
import { exampleObject, examplePredictions } from "../../testing/examples";
import { colourOfObject, countText, fromLargest, labelOf, UNKNOWN_COLOUR } from "./panel-objects";

const { classes } = examplePredictions();
const BALL = exampleObject({ class_id: 1 });

test.each<[Partial<PanelObject>, string]>([
  [{ score: 0.875 }, "ball 0.88"],
  [{ score: null }, "ball"],
  [{ score: null, is_crowd: true }, "ball (crowd)"],
  [{ score: null, class_id: 3, is_unknown: true, is_crowd: true }, "tent (unknown, crowd)"],
  [{ score: 0.4, class_id: null, is_unknown: true }, "unknown 0.40"],
  [{ score: 1, class_id: 9 }, "class 9 1.00"],
])("an object %j is called %s", (changes, label) => {
  expect(labelOf(exampleObject({ class_id: 1, ...changes }), classes)).toBe(label);
});

test("unknown objects have one colour, known ones that of their class", () => {
  expect(colourOfObject(BALL, classes)).toBe("#800000");
  expect(colourOfObject(exampleObject({ class_id: 3, is_unknown: true }), classes)).toBe(UNKNOWN_COLOUR);
  expect(colourOfObject(exampleObject({ class_id: 9 }), classes)).toBe("#808080");
});

test("objects are counted, and the unknown ones among them", () => {
  expect(countText([])).toBe("0 objects");
  expect(countText([BALL])).toBe("1 object");
  expect(countText([BALL, exampleObject({ class_id: null, is_unknown: true })])).toBe("2 objects, 1 unknown");
});

test("a small object is drawn behind a large one, that is over it", () => {
  const small = exampleObject({ box: [1, 1, 2, 2] });
  expect(fromLargest([small, BALL])).toEqual([BALL, small]);
});
