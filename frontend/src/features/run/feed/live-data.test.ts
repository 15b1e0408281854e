import { expect, test } from "vitest";

import type { Point } from "../../../api/types";
import { exampleEvent } from "../../../testing/examples";
import { changed, mergeLines, mergePoints, NO_LIVE_DATA, onlyCurves } from "./live-data";

const line = (number: number) => ({ number, level: "info", text: `line ${number}`, at: "" });
const point = (iteration: number, value: number, attempt = 1, stage_index = 0): Point => ({
  stage_index,
  iteration,
  value,
  attempt,
  is_hidden: false,
});
const metric = (seq: number, iteration: number) =>
  exampleEvent(seq, "metric", {
    stage_id: "stage-0",
    index: 0,
    attempt: 1,
    points: [{ key: "loss", iteration, value: 1 / iteration }],
  });
const log = (seq: number, numbers: number[]) =>
  exampleEvent(seq, "log", { stage_id: "stage-0", attempt: 1, lines: numbers.map(line) });

test("an event that comes again after a reconnect changes nothing", () => {
  const events = [metric(11, 10), log(12, [1, 2]), metric(13, 20)];
  const once = events.reduce(changed, NO_LIVE_DATA);
  const again = [...events.slice(1), metric(14, 30)].reduce(changed, once);
  expect(once.points.loss?.map((each) => each.iteration)).toEqual([10, 20]);
  expect(again.points.loss?.map((each) => each.iteration)).toEqual([10, 20, 30]);
  expect(again.lines["stage-0/1"]?.map((each) => each.number)).toEqual([1, 2]);
});

test("lines that are stored and came live are shown once", () => {
  expect(mergeLines([line(1), line(2), line(3)], [line(2), line(3), line(4)]).map((each) => each.number)).toEqual([1, 2, 3, 4]);
});

test("points that are stored and came live are shown once, in order", () => {
  const merged = mergePoints([point(10, 1), point(20, 0.5)], [point(20, 0.5), point(30, 0.3), point(10, 2, 1, 1)]);
  expect(merged.map((each) => [each.stage_index, each.iteration])).toEqual([
    [0, 10],
    [0, 20],
    [0, 30],
    [1, 10],
  ]);
});

test("a new attempt replaces what the old one measured after its checkpoint", () => {
  const merged = mergePoints([point(10, 1), point(20, 0.9), point(30, 0.8)], [point(20, 0.7, 2)]);
  expect(merged.map((each) => [each.iteration, each.value])).toEqual([
    [10, 1],
    [20, 0.7],
  ]);
});

test("a new start forgets what came before it, and takes what follows", () => {
  const before = [metric(11, 10), log(12, [1])].reduce(changed, NO_LIVE_DATA);
  const after = [metric(5, 30)].reduce(changed, changed(before, { startAt: 4 }));
  expect(after.points.loss?.map((each) => each.iteration)).toEqual([30]);
  expect(after.lines).toEqual({});
});

test("points of curves that nobody looks at are left out, and their event still counts", () => {
  const event = exampleEvent(11, "metric", {
    stage_id: "stage-0",
    index: 0,
    attempt: 1,
    points: ["loss", "layer/1", "layer/2"].map((key) => ({ key, iteration: 10, value: 1 })),
  });
  const data = changed(NO_LIVE_DATA, onlyCurves(event, (key) => key === "loss"));
  expect(Object.keys(data.points)).toEqual(["loss"]);
  expect(data.seq).toBe(11);
});

test("twenty thousand points take in a few new ones in no time that anybody notices", () => {
  const stored = Array.from({ length: 20_000 }, (_, place) => point(place, place));
  const begun = performance.now();
  const merged = mergePoints(stored, [point(19_999, -1), point(20_000, 0)]);
  expect(performance.now() - begun).toBeLessThan(1000);
  expect([merged.length, merged.at(-2)?.value]).toEqual([20_001, -1]);
});
