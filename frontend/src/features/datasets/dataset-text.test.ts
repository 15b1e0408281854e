import { expect, test } from "vitest";

import { faultKind, placeOf, shareText } from "./dataset-text";

test("a share is a percentage, and what is there but small is not shown as nothing", () => {
  expect([shareText(1, 8), shareText(0, 8), shareText(1, 100_000), shareText(0, 0)]).toEqual(["12.5 %", "0 %", "< 0.1 %", "0 %"]);
});

test("a dataset is named by its folder or by what is drawn", () => {
  expect(placeOf({ adapter: "voc", root: "/data/voc" })).toBe("/data/voc (voc)");
  expect(placeOf({ world: "objects", classes: 6 })).toBe("world objects: classes 6");
});

test("a fault of a kind that the page does not know keeps its code", () => {
  expect(faultKind("new_kind").title).toBe("new kind");
});
