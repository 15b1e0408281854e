import { expect, test } from "vitest";

import { keepsMemory } from "./replay-memory";

test("a method keeps a replay memory where its config has settings of one", () => {
  expect(keepsMemory({ resolved: { config: { memory: { size: 60 } } } })).toBe(true);
  expect(keepsMemory({ resolved: { config: { optim: {} } } })).toBe(false);
  expect(keepsMemory({ resolved: {} })).toBe(false);
});
