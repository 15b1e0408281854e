import { expect, test } from "vitest";

import type { StageSummary } from "../../../api/types";
import { exampleStage } from "../../../testing/examples";
import { branchAddress } from "./branch-link";

function addresses(...stages: StageSummary[]) {
  return stages.map((stage) => branchAddress(stage, stages));
}

const done = (index: number, step = index) => exampleStage(index, { state: "succeeded", step, run_id: "r1" });

test("every finished step but the last can be branched from", () => {
  expect(addresses(done(0), exampleStage(1, { state: "skipped", run_id: "r1" }), done(2))).toEqual([
    "/launch?branch=r1&after=0",
    "/launch?branch=r1&after=1",
    null,
  ]);
});

test("a stage that is not done, or whose step goes on, offers nothing", () => {
  expect(addresses(exampleStage(0, { state: "running" }), exampleStage(1))).toEqual([null, null]);
  expect(addresses(done(0), done(1, 0), exampleStage(2, { step: 1 }))).toEqual([null, "/launch?branch=r1&after=0", null]);
});

test("a run of one stage cannot be branched", () => {
  expect(addresses(done(0))).toEqual([null]);
});
