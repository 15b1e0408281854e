import { expect, test } from "vitest";

import { filtersOf, isNarrowed, narrowingOf, paramsOf, sortedBy, widened } from "./run-filters";

const PLAIN = filtersOf(new URLSearchParams());

test("filters survive the way through the address", () => {
  const filters = {
    ...PLAIN,
    states: ["running" as const, "failed" as const],
    method: "eir",
    dataset: "voc",
    tags: ["owner=ada", "a&b"],
    text: "demo 3",
    isArchived: true,
    sort: "score" as const,
    isAscending: true,
  };
  expect(filtersOf(new URLSearchParams(paramsOf(filters).toString()))).toEqual(filters);
});

test("states and orders that do not exist are left out", () => {
  const read = filtersOf(new URLSearchParams("state=running&state=sleeping&sort=toString"));
  expect([read.states, read.sort]).toEqual([["running"], "created_at"]);
});

test("an order alone narrows nothing, and widening keeps it", () => {
  const sorted = { ...PLAIN, sort: "seed" as const };
  expect([isNarrowed(PLAIN), isNarrowed(sorted), isNarrowed({ ...sorted, tags: ["a"] })]).toEqual([false, false, true]);
  expect(widened({ ...sorted, tags: ["a"] })).toEqual(sorted);
});

test("the service is asked only for what is set", () => {
  expect(narrowingOf(PLAIN)).toEqual({});
  expect(narrowingOf({ ...PLAIN, text: "  ", tags: ["a"], isArchived: true })).toEqual({ tag: ["a"], archived: true });
});

test("a new column begins with its own order, the same one turns round", () => {
  const high = { isLowBest: false };
  expect(sortedBy(PLAIN, "name", high)).toEqual({ sort: "name", isAscending: true });
  expect(sortedBy(PLAIN, "score", high)).toEqual({ sort: "score", isAscending: false });
  expect(sortedBy({ ...PLAIN, sort: "score" }, "score", high)).toEqual({ sort: "score", isAscending: true });
});

test("the best scores come first, also where the least is best", () => {
  const low = { isLowBest: true };
  expect(sortedBy(PLAIN, "best_score", low)).toEqual({ sort: "best_score", isAscending: true });
  expect(sortedBy(PLAIN, "finished_at", low)).toEqual({ sort: "finished_at", isAscending: false });
});
