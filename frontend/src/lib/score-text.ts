import { formatPercent, NOTHING } from "./format";

/** What stands in place of a score that was asked for and could not be measured. */
export const UNDEFINED = "undefined";
export const UNDEFINED_WHY = "There is no ground truth to measure this score: no test image shows this class or group.";

/** A score of something that was tested, in percent. */
export function scoreText(score: number | null): string {
  return score === null ? UNDEFINED : formatPercent(score);
}

/** A run's last score: one that was tested before has a score, unless there was nothing to measure. */
export function runScoreText({ score, best_score }: { score: number | null; best_score: number | null }): string {
  return score === null && best_score === null ? NOTHING : scoreText(score);
}
