import { expect, test } from "vitest";

import { exampleRun } from "../../testing/examples";
import { exampleScoring } from "../../testing/example-scores";
import { listHeadline } from "./list-headline";

const MIOU = { name: "eir", scoring: exampleScoring() };
const ERRORS = { name: "open", scoring: exampleScoring({ metric: "aose", title: "AOSE", meaning: "errors", direction: "min" }) };

test("runs of one headline bear its name", () => {
  const found = listHeadline([exampleRun(), exampleRun()], [MIOU, ERRORS]);
  expect(found).toEqual({ title: "mIoU", meaning: MIOU.scoring.headline.meaning, isLowBest: false });
  const errors = listHeadline([exampleRun({ method: "open", score_name: "AOSE" })], [MIOU, ERRORS]);
  expect(errors).toEqual({ title: "AOSE", meaning: "errors", isLowBest: true });
});

test("runs of several headlines, and a list that is not there yet, have none of their own", () => {
  const mixed = [exampleRun(), exampleRun({ method: "open", score_name: "AOSE" })];
  const plain = { title: "Score", meaning: "the headline score of each run's method", isLowBest: false };
  expect(listHeadline(mixed, [MIOU, ERRORS])).toEqual(plain);
  expect(listHeadline([], [])).toEqual(plain);
});
