import { expect, test } from "vitest";

import { exampleRun } from "../../testing/examples";
import { mergeRuns } from "./merge-runs";

const run = (id: string, state: "running" | "succeeded" = "running") => exampleRun({ id, state });
const ids = (runs: readonly { id: string }[]) => runs.map((each) => each.id);

test("new runs come on top, and known ones are shown as they are now", () => {
  const merged = mergeRuns([run("3"), run("2"), run("1")], [run("4"), run("3", "succeeded")], false);
  expect(ids(merged)).toEqual(["4", "3", "2", "1"]);
  expect(merged[1]?.state).toBe("succeeded");
});

test("a run that left the filter disappears when younger and older ones are still there", () => {
  expect(ids(mergeRuns([run("3"), run("2"), run("1")], [run("3"), run("1")], false))).toEqual(["3", "1"]);
});

test("where the fresh rows are the whole list, nothing older is kept", () => {
  expect(ids(mergeRuns([run("2"), run("1")], [run("2")], true))).toEqual(["2"]);
  expect(mergeRuns([run("1")], [], true)).toEqual([]);
});

test("pages that overlap show no row twice", () => {
  expect(ids(mergeRuns([run("2"), run("1"), run("1")], undefined, false))).toEqual(["2", "1"]);
});
