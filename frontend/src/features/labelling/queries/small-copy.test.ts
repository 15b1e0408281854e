import { expect, test } from "vitest";

import { smallCopy } from "./small-copy";

test("the size is added to what an address already asks for", () => {
  expect(smallCopy("/queries/1/picture")).toBe("/queries/1/picture?size=thumbnail");
  expect(smallCopy("/queries/1/answer?version=2")).toBe("/queries/1/answer?version=2&size=thumbnail");
});
