import { expect, test } from "vitest";

import { compareAddressOf, comparePath, without } from "./compare-address";

test("members are read joined by commas and one by one, each once", () => {
  const params = new URLSearchParams("runs=a,b&runs=b&runs= c ,&experiments=d&baseline=a&equal=true");
  expect(compareAddressOf(params)).toEqual({ runs: ["a", "b", "c"], experiments: ["d"], baseline: "a", hasEqual: true });
  expect(compareAddressOf(new URLSearchParams())).toEqual({ runs: [], experiments: [], baseline: null, hasEqual: false });
});

test("an address is made of what is compared", () => {
  expect(comparePath({ runs: ["a", "b"] })).toBe("/compare?runs=a,b");
  expect(comparePath({ runs: ["a"], experiments: ["c", "d"] })).toBe("/compare?runs=a&experiments=c,d");
});

test("a member that leaves takes its base line along", () => {
  const address = { runs: ["a", "b"], experiments: ["c"], baseline: "c", hasEqual: false };
  expect(without(address, "c")).toEqual({ runs: "a,b", experiments: null, baseline: null });
  expect(without(address, "a")).toEqual({ runs: "b", experiments: "c", baseline: "c" });
});
