import { expect, test } from "vitest";

import { exampleQueryDetail } from "../../../testing/example-rounds";
import { rightsOf } from "./answer-rights";

const held = exampleQueryDetail(0, { state: "leased", author: "ann" });

test("who has leased it may answer, skip and give back; everybody else may not", () => {
  expect(rightsOf(held, "ann")).toEqual({ text: "", canAnswer: true, isHeld: true, isSkipped: false });
  expect(rightsOf(held, "bob")).toEqual({ text: "ann is working on it.", canAnswer: false, isHeld: false, isSkipped: false });
});

test("without a name nothing can be answered", () => {
  expect(rightsOf(held, "").canAnswer).toBe(false);
});

test("what is open, skipped or answered can be answered, what went back to the pool cannot", () => {
  const may = (["open", "skipped", "accepted", "withdrawn"] as const).map(
    (state) => rightsOf(exampleQueryDetail(0, { state }), "ann").canAnswer,
  );
  expect(may).toEqual([true, true, true, false]);
  expect(rightsOf(exampleQueryDetail(0, { state: "skipped", author: "bob", message: "bad image" }), "ann").text).toBe(
    "bob skipped it: bad image",
  );
});
