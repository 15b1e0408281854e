import { expect, test } from "vitest";

import { countdownText, doneShare } from "./round-progress";

const NONE = { open: 0, leased: 0, submitted: 0, in_review: 0, accepted: 0, rejected: 0, skipped: 0, withdrawn: 0 };

test("what is answered or skipped is done, and what went back to the pool does not count", () => {
  expect(doneShare({ ...NONE, open: 5, leased: 1, accepted: 3, skipped: 1, withdrawn: 7 })).toBeCloseTo(0.4);
  expect(doneShare(NONE)).toBe(1);
});

test("a lease is counted down in minutes and seconds", () => {
  expect([899.9, 60, 5, 0].map(countdownText)).toEqual(["14:59", "1:00", "0:05", "0:00"]);
});
