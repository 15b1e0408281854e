import { expect, test } from "vitest";

import { runScoreText, scoreText } from "./score-text";

test("a score that could not be measured is no number, and no dash", () => {
  expect(scoreText(null)).toBe("undefined");
  expect(scoreText(0)).toBe("0.0");
});

test("a run without a test has no score, one whose last test had nothing to measure an undefined one", () => {
  expect(runScoreText({ score: null, best_score: null })).toBe("–");
  expect(runScoreText({ score: null, best_score: 0.5 })).toBe("undefined");
  expect(runScoreText({ score: 0.25, best_score: 0.5 })).toBe("25.0");
});
