import { beforeEach, expect, test } from "vitest";

import { isFetchFailure, mayLoadAnew } from "./page-fetch";

beforeEach(() => sessionStorage.clear());

test("what browsers say of a page that did not come is told from other faults", () => {
  const said = [
    "Failed to fetch dynamically imported module: http://127.0.0.1:8000/assets/workers-page.js",
    "error loading dynamically imported module: http://127.0.0.1:8000/assets/workers-page.js",
    "Importing a module script failed.",
    "Unable to preload CSS for /assets/memory-page.css",
  ];
  expect(said.map((message) => isFetchFailure(new TypeError(message)))).toEqual([true, true, true, true]);
  expect([new TypeError("x is undefined"), "text", null].map(isFetchFailure)).toEqual([false, false, false]);
});

test("a page that fails again right after it was loaded anew is not loaded for ever", () => {
  expect([mayLoadAnew(1000), mayLoadAnew(5000), mayLoadAnew(100_000)]).toEqual([true, false, true]);
});
