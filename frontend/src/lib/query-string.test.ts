import { expect, test } from "vitest";

import { withQuery } from "./query-string";

test("lists are joined, what is not there is left out, and signs of an address are written as text", () => {
  expect(withQuery("/compare", { runs: ["a", "b"], experiments: [], baseline: null, equal: false })).toBe("/compare?runs=a%2Cb&equal=false");
  expect(withQuery("/x", { table: "iou/class&all", step: 0 })).toBe("/x?table=iou%2Fclass%26all&step=0");
  expect(withQuery("/x", {})).toBe("/x");
});
