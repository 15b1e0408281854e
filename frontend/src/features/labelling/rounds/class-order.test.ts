import { expect, test } from "vitest";

import { byExcess, excessText, largestShare } from "./class-order";

const label = (id: number, pool: number, queried: number) => ({ id, name: "", colour: "#000000", pool, queried, answered: null });

test("classes that are queried more than they are there come first", () => {
  const classes = [label(0, 0.6, 0.5), label(1, 0.1, 0.3), label(2, 0, 0.05), label(3, 0.3, 0.15)];
  expect(byExcess(classes).map(({ id }) => id)).toEqual([1, 2, 0, 3]);
  expect(classes.map(excessText)).toEqual(["0.83 ×", "3.00 ×", "only here", "0.50 ×"]);
  expect(excessText(label(4, 0, 0))).toBe("");
  expect(largestShare(classes)).toBe(0.6);
});
