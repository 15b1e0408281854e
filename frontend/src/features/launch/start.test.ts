import { expect, test } from "vitest";

import { clonedDocument, hasLostPreset } from "./start";

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
