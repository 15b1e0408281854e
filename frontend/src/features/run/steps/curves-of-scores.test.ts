import { expect, test } from "vitest";

import { exampleMatrix, exampleStepTable } from "../../../testing/example-scores";
import { domainCurves, groupCurves } from "./curves-of-scores";

test("the headline of all, old and new classes is drawn, and an undefined score is a gap", () => {
  const curves = groupCurves(exampleStepTable());
  expect(curves.map(({ label, values }) => [label, values])).toEqual([
    ["all", [85, 60]],
    ["old", [null, 70]],
    ["new", [null, 40]],
  ]);
});

test("every domain has a curve where there are several", () => {
  expect(domainCurves(exampleStepTable())).toEqual([]);
  const columns = ["city", "village"].map((key) => ({ key, step_learned: 0, class_ids: [] }));
  const table = { ...exampleStepTable(), matrices: [exampleMatrix({ by: "domain", columns })] };
  expect(domainCurves(table).map(({ label, values }) => [label, values])).toEqual([
    ["city", [80, 50]],
    ["village", [null, 40]],
  ]);
});
