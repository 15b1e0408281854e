import { expect, test } from "vitest";

import { reasonText } from "./reason-text";

test("a reason is told in words, and not where the state alone says it", () => {
  expect(reasonText("failed", "non_finite_loss")).toBe("loss is NaN or infinite");
  expect(reasonText("cancelled", "cancelled_by_user")).toBeNull();
  expect(reasonText("running", null)).toBeNull();
  expect(reasonText("failed", "disk_full")).toBe("disk full");
});
