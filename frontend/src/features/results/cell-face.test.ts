import { expect, test } from "vitest";

import type { ScoreColumn } from "../../api/types";
import { differenceFace, valueFace } from "./cell-face";

const COLUMN: ScoreColumn = { key: "old", title: "old", kind: "mean", direction: "max", class_id: null, colour: null, step_learned: null };
const SCORE = { mean: 0.5, std: 0.1, n: 2, undefined: 0, of: 2 };

test("a score is shaded by its size, and one whose least value is best the other way round", () => {
  expect(valueFace(SCORE, "fraction", COLUMN)).toMatchObject({ text: "50.0 ± 10.0", note: "", isDim: false });
  const low = { ...SCORE, mean: 0 };
  expect(valueFace(low, "fraction", { ...COLUMN, direction: "min" }).background).toContain("--heat-value) 78%");
  expect(valueFace(low, "fraction", COLUMN).background).toContain("--heat-value) 0%");
});

test("derived columns and counts have no shade", () => {
  expect(valueFace(SCORE, "fraction", { ...COLUMN, kind: "derived" }).background).toBeNull();
  expect(valueFace({ ...SCORE, mean: 12 }, "number", COLUMN).background).toBeNull();
});

test("undefined in all seeds, undefined in one and not tested look different", () => {
  expect(valueFace({ ...SCORE, mean: null, std: null, n: 0, undefined: 2 }, "fraction", COLUMN)).toMatchObject({ text: "undefined", isDim: true });
  expect(valueFace({ ...SCORE, n: 1, undefined: 1 }, "fraction", COLUMN).note).toBe("n = 1, undefined in 1 of 2 seeds");
  expect(valueFace(null, "fraction", COLUMN)).toMatchObject({ text: "·", title: "not tested after this step" });
});

test("a difference is green for the better whichever way the score counts", () => {
  const more = { of_means: 0.1, mean: 0.1, std: null, n: 1 };
  expect(differenceFace(more, "fraction", COLUMN)).toMatchObject({ text: "+10.0", note: "" });
  expect(differenceFace(more, "fraction", COLUMN).background).toContain("--heat-value");
  expect(differenceFace(more, "fraction", { ...COLUMN, direction: "min" }).background).toContain("--heat-loss");
  expect(differenceFace({ ...more, mean: null, n: 0 }, "fraction", COLUMN).note).toBe("of the means");
  expect(differenceFace(null, "fraction", COLUMN).text).toBe("·");
});
