import { expect, test } from "vitest";

import type { LogPage } from "../../../api/types";
import { hitsOf, linesFrom, splitAtMatches, stepHit } from "./log-lines";

const line = (number: number, text: string, level = "info") => ({ number, level, text, at: "" });
const found = (numbers: number[], total: number, matching = numbers.length): LogPage => ({
  stage_id: "stage-0",
  attempt: 1,
  items: numbers.map((number) => line(number, "loss")),
  next_after: 0,
  total,
  matching,
});

test("a level lets itself and graver ones through", () => {
  const lines = [line(1, "a", "debug"), line(2, "b"), line(3, "c", "warning"), line(4, "d", "error")];
  expect(linesFrom("debug", lines)).toBe(lines);
  expect(linesFrom("warning", lines).map((each) => each.number)).toEqual([3, 4]);
});

test("lines that came after the service searched are found too, each once", () => {
  const lines = [line(4, "Loss"), line(5, "done"), line(6, "LOSS (kd)")];
  expect(hitsOf(found([1, 4], 5, 9), lines, " loss ")).toEqual({ numbers: [1, 4, 6], earlier: 7 });
  expect(hitsOf(found([], 5), lines, "(kd)").numbers).toEqual([6]);
  expect(hitsOf(undefined, lines, "loss").numbers).toEqual([]);
});

test("hits are stepped through round and round, from the last one on", () => {
  expect(stepHit([3, 8, 12], null, 1)).toBe(12);
  expect(stepHit([3, 8, 12], 12, 1)).toBe(3);
  expect(stepHit([3, 8, 12], 8, -1)).toBe(3);
  expect(stepHit([3, 8, 12], 3, -1)).toBe(12);
  expect(stepHit([], 3, 1)).toBeNull();
});

test("a line is cut so that every second part is a match", () => {
  expect(splitAtMatches("loss and Loss", "loss")).toEqual(["", "loss", " and ", "Loss", ""]);
  expect(splitAtMatches("a.b", ".")).toEqual(["a", ".", "b"]);
});
