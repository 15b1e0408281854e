import { expect, test } from "vitest";

import { exampleRun } from "../../testing/examples";
import { filtersOf, matchesText, paramsOf } from "./run-filters";

test("filters survive the way through the address", () => {
  const filters = { states: ["running" as const, "failed" as const], method: "eir", experimentId: null, text: "demo 3" };
  expect(filtersOf(new URLSearchParams(paramsOf(filters).toString()))).toEqual(filters);
});

test("states that do not exist are left out", () => {
  expect(filtersOf(new URLSearchParams("state=running&state=sleeping")).states).toEqual(["running"]);
});

test("every word of the search has to occur somewhere in the row", () => {
  const run = exampleRun({ experiment_name: "Objects", seed: 7, state: "failed", reason: "non_finite_loss" });
  expect([matchesText(run, "objects non_finite"), matchesText(run, "seed 7"), matchesText(run, "objects succeeded")]).toEqual([
    true,
    true,
    false,
  ]);
});
