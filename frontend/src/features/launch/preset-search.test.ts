import { expect, test } from "vitest";

import { presetFilter } from "./preset-search";

const OPTIONS = [
  { group: "CoaST", items: ["coast/demo", "coast/G2CM_7", "coast/G2CM_19"].map((value) => ({ value, label: value })) },
  { group: "EIR", items: [{ value: "eir/demo", label: "eir/demo" }] },
];
const TEXTS = new Map([
  ["coast/G2CM_7", "GTA5 to Cityscapes and Mapillary Vistas, 7 classes"],
  ["coast/G2CM_19", "GTA5 to Cityscapes and Mapillary Vistas, 19 classes"],
]);

function found(search: string): string[] {
  const kept = presetFilter(TEXTS)({ options: OPTIONS, search, limit: Infinity });
  return kept.flatMap((option) => ("group" in option ? option.items.map(({ value }) => value) : [option.value]));
}

test("presets are found by all words of a search, in names and titles", () => {
  expect(found("cityscapes gta5")).toEqual(["coast/G2CM_7", "coast/G2CM_19"]);
  expect(found("Mapillary 19 ")).toEqual(["coast/G2CM_19"]);
  expect(found("demo")).toEqual(["coast/demo", "eir/demo"]);
  expect(found("coast demo")).toEqual(["coast/demo"]);
  expect(found("voc")).toEqual([]);
  expect(found("")).toHaveLength(4);
});
