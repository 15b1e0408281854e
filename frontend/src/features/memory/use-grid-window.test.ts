import { expect, test } from "vitest";

import { columnsIn } from "./use-grid-window";

test("as many columns as fit, and never none", () => {
  expect([0, 100, 224, 900].map(columnsIn)).toEqual([1, 1, 2, 8]);
});
