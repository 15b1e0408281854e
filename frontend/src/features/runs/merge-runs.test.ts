import { expect, test } from "vitest";

import type { RunSummary } from "../../api/types";
import { exampleRun } from "../../testing/examples";
import { compareRuns, mergeRuns, type RunOverlay, withChanges } from "./merge-runs";

const BY_SCORE = { sort: "score", isAscending: false } as const;
const NONE: RunOverlay = { changed: new Map(), left: new Set() };
const run = (id: string, score: number | null, state: RunSummary["state"] = "succeeded") => exampleRun({ id, score, state });
const ids = (runs: readonly RunSummary[]) => runs.map((each) => each.id);
const changed = (...runs: RunSummary[]) => withChanges(NONE, runs, []);

test("what has no value comes last in both directions, and the id breaks ties", () => {
  const rows = [run("d", null), run("a", 0.5), run("c", 0.7), run("b", 0.5)];
  const inOrder = (isAscending: boolean) => ids(rows.toSorted((one, other) => compareRuns(one, other, { sort: "score", isAscending })));
  expect(inOrder(true)).toEqual(["a", "b", "c", "d"]);
  expect(inOrder(false)).toEqual(["c", "b", "a", "d"]);
});

test("a run that has not succeeded comes after all that have, whatever its score", () => {
  const rows = [run("a", 0.9, "running"), run("b", 0.5), run("c", 0.95, "failed"), run("d", 0.4), run("e", null, "queued")];
  const inOrder = (isAscending: boolean) => ids(rows.toSorted((one, other) => compareRuns(one, other, { sort: "score", isAscending })));
  expect(inOrder(false)).toEqual(["b", "d", "c", "a", "e"]);
  expect(inOrder(true)).toEqual(["d", "b", "a", "c", "e"]);
});

test("a changed row moves to where it belongs, and a new one finds its place", () => {
  const merged = mergeRuns([run("c", 0.7), run("a", 0.5)], changed(run("a", 0.8), run("n", 0.75)), BY_SCORE, true);
  expect(ids(merged)).toEqual(["a", "n", "c"]);
});

test("a row that has left the list disappears, and comes back with a later change", () => {
  const gone = withChanges(changed(run("a", 0.9)), [], ["a"]);
  expect(ids(mergeRuns([run("c", 0.7), run("a", 0.5)], gone, BY_SCORE, true))).toEqual(["c"]);
  expect(ids(mergeRuns([run("c", 0.7)], withChanges(gone, [run("a", 0.1)], []), BY_SCORE, true))).toEqual(["c", "a"]);
});

test("while pages are left, a row behind the last one waits for its own page", () => {
  const merged = mergeRuns([run("c", 0.7), run("a", 0.5)], changed(run("z", 0.2), run("n", 0.6)), BY_SCORE, false);
  expect(ids(merged)).toEqual(["c", "n", "a"]);
});

test("pages that overlap show no row twice", () => {
  expect(ids(mergeRuns([run("b", 1), run("a", 0), run("a", 0)], NONE, BY_SCORE, true))).toEqual(["b", "a"]);
});

test("an answer without changes leaves the very same overlay", () => {
  const before = changed(run("a", 0.9));
  const after = withChanges(before, [], []);
  expect(after.changed).toBe(before.changed);
  expect(after.left).toBe(before.left);
});
