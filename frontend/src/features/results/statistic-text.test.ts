import { expect, test } from "vitest";

import type { Statistic } from "../../api/types";
import { bestPlaces, countText, differenceText, differenceWords, statisticText, verdictOf } from "./statistic-text";

const of = (changes: Partial<Statistic>): Statistic => ({ mean: 0.612, std: null, n: 1, undefined: 0, of: 1, ...changes });

test("a mean has its deviation in the same unit, and a single run has none", () => {
  expect(statisticText(of({ std: 0.0044, n: 3, of: 3 }), "fraction")).toBe("61.2 ± 0.4");
  expect(statisticText(of({}), "fraction")).toBe("61.2");
  expect(statisticText(of({ mean: 3725, std: 60 }), "s")).toBe("1 h 2 min ± 1 min");
  expect(statisticText(of({ mean: 1536 }), "bytes")).toBe("1.5 KiB");
  expect(statisticText(of({ mean: 12_345.4 }), "pixels")).toBe("12,345");
});

test("what is undefined is told from what was not tested", () => {
  expect(statisticText(of({ mean: null, n: 0, undefined: 1 }), "fraction")).toBe("undefined");
  expect(statisticText(of({ mean: null, n: 0 }), "fraction")).toBe("–");
  expect(statisticText(null, "fraction")).toBe("–");
});

test("the number of runs says where a score is undefined in some seeds", () => {
  expect(countText(of({ n: 3, of: 3 }))).toBe("n = 3");
  expect(countText(of({ n: 2, of: 4, undefined: 1 }))).toBe("n = 2, undefined in 1 of 4 seeds, not tested in 1 of 4 seeds");
  expect(countText(of({ mean: null, n: 0, of: 2, undefined: 2 }))).toBe("undefined in 2 of 2 seeds");
  expect(countText(of({}))).toBe("");
});

test("a difference is taken seed by seed where seeds are shared", () => {
  const paired = { of_means: 0.05, mean: -0.013, std: 0.002, n: 3 };
  expect(differenceText(paired, "fraction")).toBe("−1.3 ± 0.2");
  expect(differenceWords(paired)).toBe("mean difference over 3 shared seeds");
  const apart = { of_means: 0.05, mean: null, std: null, n: 0 };
  expect(differenceText(apart, "fraction")).toBe("+5.0");
  expect(differenceWords(apart)).toMatch(/no seed is shared/);
  expect(differenceText({ ...apart, of_means: -90 }, "s")).toBe("−1 min 30 s");
  expect(differenceText(null, "fraction")).toBe("–");
});

test("which way a difference goes depends on the score", () => {
  expect(verdictOf(0.02, "fraction", "max")).toBe("better");
  expect(verdictOf(0.02, "fraction", "min")).toBe("worse");
  expect(verdictOf(0.0002, "fraction", "max")).toBe("equal");
});

test("only finished members are ranked, and equal values share the first place", () => {
  const column = [of({ mean: 0.5 }), of({ mean: 0.7 }), of({ mean: 0.7001 }), of({ mean: 0.9 }), null];
  const measure = { unit: "fraction", direction: "max" } as const;
  expect([...bestPlaces(column, [true, true, true, false, true], measure)]).toEqual([1, 2]);
  expect([...bestPlaces(column, [true, false, false, false, false], measure)]).toEqual([]);
  expect([...bestPlaces(column, [true, true, true, true, true], { ...measure, direction: "min" })]).toEqual([0]);
});
