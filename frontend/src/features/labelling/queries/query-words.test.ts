import { expect, test } from "vitest";

import { allQueries, countsText, queryStateWord, ruleText, unanswered, unansweredCounts } from "./query-words";

const COUNTS = { open: 3, leased: 1, submitted: 0, in_review: 0, accepted: 1200, rejected: 0, skipped: 2, withdrawn: 0 };

test("counts are told in the order of a query's way, without those of which there is none", () => {
  expect(countsText(COUNTS)).toBe("3 open, 1 being labelled, 1,200 answered, 2 skipped");
  expect(countsText({})).toBe("no query");
  expect([allQueries(COUNTS), unanswered(COUNTS)]).toEqual([1206, 4]);
  expect(countsText(unansweredCounts(COUNTS))).toBe("3 open, 1 being labelled");
});

test("how a round ends is said with its share and its deadline", () => {
  const rule = { share: 1, deadline: null, closes_by_hand: false };
  expect(ruleText(rule)).toBe("closes by itself when nothing is left to answer");
  const timed = ruleText({ ...rule, share: 0.8, deadline: "2026-01-02T03:04:05.000Z" });
  expect(timed).toMatch(/^closes by itself when 80\.0 % of the queries are answered, or on .*2026.* if something is answered$/);
  expect(ruleText({ ...rule, closes_by_hand: true })).toMatch(/^closes only by hand/);
});

test("a state that this page does not know stays as it is", () => {
  expect([queryStateWord("accepted"), queryStateWord("new")]).toEqual(["answered", "new"]);
});
