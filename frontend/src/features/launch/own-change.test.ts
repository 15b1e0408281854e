import { expect, test } from "vitest";

import { changesOf, ownChange } from "./own-change";

const GIVEN = { config: { lr: 0.01, steps: [1, 2], memory: { size: 40, filter: null } } };

test("a setting is changed where the document says another value than the preset", () => {
  const document = { config: { lr: 0.02, steps: [1, 2], memory: { filter: "class" } } };
  expect(ownChange(document, GIVEN, "/config/lr")).toEqual({ given: 0.01 });
  expect(ownChange(document, GIVEN, "/config/memory/filter")).toEqual({ given: null });
  expect(ownChange(document, GIVEN, "/config/steps")).toBeNull();
  expect(ownChange(document, GIVEN, "/config/memory/size")).toBeNull();
});

test("where the preset gives nothing, nothing is changed", () => {
  expect(ownChange({ config: { lr: 1 } }, null, "/config/lr")).toBeNull();
  expect(ownChange({ config: { unknown: 1 } }, GIVEN, "/config/unknown")).toBeNull();
});

test("a list of mappings is changed by other items, and not by the defaults that are filled in", () => {
  const given = [{ name: "pills", dataset: { world: "domains", seed: 0 } }];
  expect(changesOf([{ name: "pills", dataset: { world: "domains" } }], given)).toBe(0);
  expect(changesOf([{ name: "pills", dataset: { world: "domains", seed: 1 } }], given)).toBe(1);
  expect(changesOf([], given)).toBe(1);
  expect(changesOf([...given, ...given], given)).toBe(1);
  expect(changesOf([[1], [2]], [[1, 2]])).toBe(1);
});

test("changes of a group are counted setting by setting, in whatever order they stand", () => {
  expect(changesOf(undefined, GIVEN)).toBe(0);
  expect(changesOf({ memory: { filter: null, size: 40 }, steps: [1, 2] }, GIVEN.config)).toBe(0);
  expect(changesOf({ lr: 1, steps: [2], memory: { size: 8, filter: null } }, GIVEN.config)).toBe(3);
  expect(changesOf({ memory: null }, GIVEN.config)).toBe(1);
});
