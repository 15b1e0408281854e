import { expect, test } from "vitest";

import { unreadableOf, unreadableTitle } from "./unreadable";

test("what cannot be read is named with its place", () => {
  const found = unreadableOf({ textFault: null }, { "/stream/budgets": "not JSON", "/config/lr": "nothing is no number" });
  expect(found).toEqual([
    { place: "/stream/budgets", message: "not JSON" },
    { place: "/config/lr", message: "nothing is no number" },
  ]);
  expect(unreadableTitle(found)).toBe("2 fields cannot be read");
});

test("of a text that cannot be read the line is named where it is known", () => {
  const found = unreadableOf({ textFault: { message: "a bracket is missing", line: 2 } }, {});
  expect(found).toEqual([{ place: "text", message: "a bracket is missing (line 2)" }]);
  expect(unreadableTitle(found)).toBe("the text cannot be read");
  expect(unreadableOf({ textFault: { message: "no mapping", line: null } }, {})[0]?.message).toBe("no mapping");
});
