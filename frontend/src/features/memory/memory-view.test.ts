import { expect, test } from "vitest";

import { filtersOf, queryOf, withFilters } from "./memory-view";

test("filters survive the way into the address and back, and other parts of it stay", () => {
  const address = new URLSearchParams("stage=s1&item=4&class=2");
  const filters = { classId: 3, stepAdded: 0, source: "a&b=<b>", order: "most-pasted" } as const;
  const written = withFilters(address, filters);
  expect(filtersOf(new URLSearchParams(written.toString()))).toEqual(filters);
  expect(written.get("stage")).toBe("s1");
  expect(written.get("item")).toBe("4");
});

test("what is not set is not written", () => {
  const written = withFilters(new URLSearchParams("class=2&order=largest"), {
    classId: null,
    stepAdded: null,
    source: "",
    order: "rank",
  });
  expect(written.toString()).toBe("");
});

test("an address of nonsense is an address without filters", () => {
  const filters = filtersOf(new URLSearchParams("class=x&step=-1&order=constructor"));
  expect(filters).toEqual({ classId: null, stepAdded: null, source: "", order: "rank" });
});

test("the service is asked for what is set alone", () => {
  expect(queryOf({ classId: null, stepAdded: 0, source: "", order: "smallest" })).toEqual({
    sort: "area",
    order: "asc",
    step_added: 0,
  });
});
