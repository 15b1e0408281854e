import { expect, test } from "vitest";

import { clonedDocument, examplePreset, hasLostPreset, startingDocument } from "./start";

const RESOLVED = { method: "eir", dataset: { world: "objects", classes: 6 }, stream: { steps: [[1]] }, config: { seed: 1 } };
const CLONED = { document: { method: "eir", preset: "eir/demo" }, resolved: RESOLVED };

test("a clone writes out dataset and stream that its preset gave", () => {
  expect(clonedDocument(CLONED, ["eir/demo"])).toEqual({
    method: "eir",
    preset: "eir/demo",
    dataset: RESOLVED.dataset,
    stream: RESOLVED.stream,
  });
});

test("a clone whose preset is gone writes out everything", () => {
  expect(hasLostPreset(CLONED, ["eir/other"])).toBe(true);
  expect(clonedDocument(CLONED, ["eir/other"])).toEqual(RESOLVED);
});

test("a method without a preset begins on the dataset and stream of its demo, with published settings", () => {
  const stream = { kind: "domain_sequence", first: "pits" };
  const document = { method: "cosam", preset: "cosam/demo", dataset: { world: "domains" }, stream, config: { lr: 1 } };
  expect(examplePreset(["cosam/published", "cosam/demo"])).toBe("cosam/demo");
  expect(startingDocument("cosam", { document })).toEqual({ method: "cosam", dataset: { world: "domains" }, stream });
});

test("a method that has no preset at all begins with its name alone", () => {
  expect(examplePreset([])).toBeNull();
  expect(startingDocument("checkpoint_test", null)).toEqual({ method: "checkpoint_test" });
});
