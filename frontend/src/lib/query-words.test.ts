import { expect, test } from "vitest";

import { allQueries, budgetText, countsText, queryStateWord, unanswered } from "./query-words";

const COUNTS = { open: 3, leased: 1, submitted: 0, in_review: 0, accepted: 1200, rejected: 0, skipped: 2, withdrawn: 0 };

test("counts are told in the order of a query's way, without those of which there is none", () => {
  expect(countsText(COUNTS)).toBe("3 open, 1 being labelled, 1,200 answered, 2 skipped");
  expect(countsText({})).toBe("no query");
  expect([allQueries(COUNTS), unanswered(COUNTS)]).toEqual([1206, 4]);
});

test("a budget bears its unit", () => {
  expect(budgetText(35, "images")).toBe("35 images");
  expect(budgetText(1, "regions")).toBe("1 region");
  expect(budgetText(2.2, "percent_pixels_per_image")).toBe("2.2 % of each image's pixels");
  expect(budgetText(5, "percent_images")).toBe("5 % of the images");
});

test("a state that this page does not know stays as it is", () => {
  expect([queryStateWord("accepted"), queryStateWord("new")]).toEqual(["answered", "new"]);
});
