import { expect, test } from "vitest";

import { rowWindow } from "./use-row-window";

test("of ten thousand rows only those in view and a few around them are drawn", () => {
  const window = rowWindow(10_000, 50, 250_000, 800);
  expect(window).toEqual({ first: 4994, end: 5022, before: 4994 * 50, after: (10_000 - 5022) * 50 });
});

test("a short list is drawn whole", () => {
  expect(rowWindow(3, 50, 0, 800)).toEqual({ first: 0, end: 3, before: 0, after: 0 });
});

test("a list that became shorter than the scroll position still shows its end", () => {
  const window = rowWindow(5, 50, 10_000, 800);
  expect(window.before + (window.end - window.first) * 50 + window.after).toBe(5 * 50);
  expect(window.end).toBe(5);
});
