import { expect, test } from "vitest";

import type { MemoryPage } from "../../api/types";
import { exampleStage } from "../../testing/examples";
import { memoryMatrix } from "./memory-matrix";

function balance(...classes: [number, number][]): MemoryPage {
  const labels = classes.map(([id, items]) => ({ id, name: `class ${id}`, colour: "#800000", items, bytes: items * 100 }));
  return { items: [], next_cursor: null, total_items: 0, total_bytes: 0, classes: labels };
}

test("a class is a line, a snapshot a column, and what is not stored is empty", () => {
  const lines = memoryMatrix([
    { stage: exampleStage(0), balance: balance([2, 30]) },
    { stage: exampleStage(1), balance: balance([2, 15], [1, 5]) },
  ]);
  expect(lines.map((line) => line.id)).toEqual([1, 2]);
  expect(lines.map((line) => line.cells)).toEqual([
    [null, { items: 5, bytes: 500 }],
    [
      { items: 30, bytes: 3000 },
      { items: 15, bytes: 1500 },
    ],
  ]);
});
