import { expect, test } from "vitest";

import { areOthers, readNamed, withAdded } from "./named-datasets";

const [SEA, HILL] = [
  { name: "sea", dataset: { world: "objects", classes: 3 } },
  { name: "hill", dataset: { adapter: "voc", root: "/data/voc" } },
];

test("defaults that a preset has filled in are no change", () => {
  const filledIn = { ...SEA, dataset: { ...SEA.dataset, seed: 0 } };
  expect(areOthers([SEA], [filledIn])).toBe(false);
  expect(areOthers([{ ...SEA, name: "bay" }], [filledIn])).toBe(true);
  expect(areOthers([{ ...SEA, dataset: { ...SEA.dataset, seed: 1 } }], [filledIn])).toBe(true);
  expect(areOthers([SEA, HILL], [filledIn])).toBe(true);
});

test("what is no list of datasets is not read as one, and no list has none", () => {
  expect(readNamed([{ name: "a" }])).toBeNull();
  expect(readNamed({ a: {} })).toBeNull();
  expect(readNamed([{ dataset: {} }])).toEqual([{ name: "", dataset: {} }]);
  expect(readNamed(undefined)).toEqual([]);
});

test("an added dataset begins as the last, or as what it is given, under a name that is free", () => {
  expect(withAdded([], "target", { world: "objects" })).toEqual([{ name: "target-1", dataset: { world: "objects" } }]);
  expect(withAdded([{ ...SEA, name: "target-1" }], "target", {}).at(-1)).toEqual({ ...SEA, name: "target-2" });
  expect(withAdded([], "domain", {}, ["domain-1"]).at(-1)?.name).toBe("domain-2");
});
