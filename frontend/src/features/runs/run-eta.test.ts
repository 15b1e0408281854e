import { expect, test } from "vitest";

import type { RunSummary } from "../../api/types";
import { possibleActions, runSecondsLeft } from "./run-eta";

function progress(iteration: number, seconds_left: number | null): RunSummary["progress"] {
  const current = {
    id: "stage-0",
    index: 0,
    name: "train",
    state: "running" as const,
    phase: "train",
    iteration,
    total_iterations: 400,
    images_per_second: 50,
    seconds_left,
  };
  return { stages: 3, stages_done: 1, fraction: 0.5, current };
}

test("stages to come count as long as the present one", () => {
  // Half of the present stage takes 30 s, so the last one takes 60 s.
  expect(runSecondsLeft({ state: "running", progress: progress(200, 30) })).toBe(90);
});

test("behind the last iteration nothing is known of the stages to come", () => {
  expect(runSecondsLeft({ state: "running", progress: progress(400, 0) })).toBeNull();
});

test("nothing is said before the stage knows its pace, or when nothing runs", () => {
  expect(runSecondsLeft({ state: "running", progress: progress(200, null) })).toBeNull();
  expect(runSecondsLeft({ state: "cancelling", progress: progress(200, 30) })).toBeNull();
});

test("a run is cancelled while it goes on and resumed after it stopped", () => {
  expect(possibleActions("running")).toEqual({ canCancel: true, canResume: false });
  expect(possibleActions("cancelling")).toEqual({ canCancel: false, canResume: false });
  expect(possibleActions("failed")).toEqual({ canCancel: false, canResume: true });
  expect(possibleActions("succeeded")).toEqual({ canCancel: false, canResume: false });
});
