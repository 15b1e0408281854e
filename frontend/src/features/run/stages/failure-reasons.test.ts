import { expect, test } from "vitest";

import { adviceFor } from "./failure-reasons";

test("a loss that is not finite points at the learning rate", () => {
  expect(adviceFor("non_finite_loss").remedy).toContain("optim.lr_base");
});

test("a reason that the page does not know still says where to look", () => {
  expect(adviceFor("something_new").remedy).toContain("log");
  expect(adviceFor(null)).toEqual(adviceFor("something_new"));
});
