import { expect, test } from "vitest";

import { matchingLines, splitAtMatches } from "./log-lines";

test("the search looks at letters, not at their case or at patterns", () => {
  const lines = ["Loss 0.5 (kd)", "loss 0.4", "done"].map((text, place) => ({ number: place + 1, level: "info", text, at: "" }));
  expect(matchingLines(lines, "LOSS").map((line) => line.number)).toEqual([1, 2]);
  expect(matchingLines(lines, "(kd)").map((line) => line.number)).toEqual([1]);
});

test("a line is cut so that every second part is a match", () => {
  expect(splitAtMatches("loss and Loss", "loss")).toEqual(["", "loss", " and ", "Loss", ""]);
  expect(splitAtMatches("a.b", ".")).toEqual(["a", ".", "b"]);
});
