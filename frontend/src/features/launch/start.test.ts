import { expect, test } from "vitest";

import { clonedDocument } from "./start";

test("a clone writes out dataset and stream that its preset gave", () => {
  const resolved = { dataset: { world: "objects", classes: 6 }, stream: { steps: [[1]] }, config: { seed: 1 } };
  expect(clonedDocument({ document: { method: "eir", preset: "eir/demo" }, resolved })).toEqual({
    method: "eir",
    preset: "eir/demo",
    dataset: resolved.dataset,
    stream: resolved.stream,
  });
});
