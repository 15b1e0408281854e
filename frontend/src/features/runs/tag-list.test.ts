import { expect, test } from "vitest";

import { withoutOldValues } from "./tag-list";

test("a new value of a key takes the place of the old one", () => {
  expect(withoutOldValues(["owner=ada", "baseline", " owner=grace "])).toEqual(["owner=grace", "baseline"]);
});
