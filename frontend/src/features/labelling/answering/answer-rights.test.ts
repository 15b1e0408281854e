import { expect, test } from "vitest";

import { exampleQueryDetail } from "../../../testing/example-rounds";
import { rightsOf } from "./answer-rights";

const held = exampleQueryDetail(0, { state: "leased", author: "ann" });

test("who has leased it may answer, skip and give back; everybody else may not", () => {
  expect(rightsOf(held, "ann", false)).toEqual({ text: "", canAnswer: true, isHeld: true, isSkipped: false, isDeciding: false });
  expect(rightsOf(held, "bob", false)).toEqual({ text: "ann is working on it.", canAnswer: false, isHeld: false, isSkipped: false, isDeciding: false });
});

test("without a name nothing can be answered", () => {
  expect(rightsOf(held, "", true).canAnswer).toBe(false);
});

test("what is open, skipped or answered can be answered, what went back to the pool cannot", () => {
  const may = (["open", "skipped", "accepted", "withdrawn"] as const).map(
    (state) => rightsOf(exampleQueryDetail(0, { state }), "ann", false).canAnswer,
  );
  expect(may).toEqual([true, true, true, false]);
  expect(rightsOf(exampleQueryDetail(0, { state: "skipped", author: "bob", message: "bad image" }), "ann", false).text).toBe(
    "bob skipped it: bad image",
  );
});

test("what is in review waits for a researcher, who is told why", () => {
  const skipped = (author: string, reason: string) => ({ author, state: "skipped" as const, lease_until: null, version: 0, reason });
  const twice = exampleQueryDetail(0, { state: "in_review", assignments: [skipped("ann", "unclear"), skipped("bob", "too dark")] });
  expect(rightsOf(twice, "eve", false)).toMatchObject({ canAnswer: false, isDeciding: false });
  expect(rightsOf(twice, "eve", true)).toMatchObject({
    text: "It waits for a researcher. ann skipped it: unclear; bob skipped it: too dark",
    canAnswer: true,
    isDeciding: true,
  });
  expect(rightsOf(exampleQueryDetail(0, { state: "in_review", version: 3 }), "eve", true).text).toMatch(/^Its independent answers are tied/);
});
