import { expect, test } from "vitest";

import type { Point } from "../../api/types";
import { exampleEvent } from "../../testing/examples";
import { mergeLines, mergePoints, NO_LIVE_DATA, withEvent } from "./live-data";

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
  const once = events.reduce(withEvent, NO_LIVE_DATA);
  const again = [...events.slice(1), metric(14, 30)].reduce(withEvent, once);
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
