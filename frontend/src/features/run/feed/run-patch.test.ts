import { expect, test } from "vitest";

import { exampleEvent, exampleRunDetail } from "../../../testing/examples";
import { patchedRun } from "./run-patch";

const PROGRESS = {
  stage_id: "stage-0",
  index: 0,
  phase: "train",
  iteration: 100,
  total: 400,
  images_per_second: 50,
  seconds_left: 12,
};

test("progress moves the stage, its latest attempt and the whole run", () => {
  const run = patchedRun(exampleRunDetail(), exampleEvent(11, "progress", PROGRESS));
  expect(run.stages[0]?.fraction).toBe(0.25);
  expect(run.stages[0]?.attempts[0]).toMatchObject({ iteration: 100, seconds_left: 12 });
  expect(run.progress).toMatchObject({ fraction: 0.125, current: { iteration: 100, total_iterations: 400 } });
});

test("a state comes with its reason", () => {
  const event = exampleEvent(11, "state", { state: "failed", reason: "non_finite_loss", message: "loss is NaN" });
  expect(patchedRun(exampleRunDetail(), event)).toMatchObject({ state: "failed", reason: "non_finite_loss", event_seq: 11 });
});

test("an event that the run has seen already does not set it back", () => {
  const run = exampleRunDetail({ state: "succeeded", event_seq: 20 });
  expect(patchedRun(run, exampleEvent(15, "state", { state: "running", reason: null, message: null }))).toBe(run);
});
