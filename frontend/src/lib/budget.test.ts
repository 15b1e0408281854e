import { expect, test } from "vitest";

import { budgetText } from "./budget";

test("a budget says what it counts, and of what", () => {
  expect(budgetText(35, "images")).toBe("35 images");
  expect(budgetText(5, "percent_images")).toBe("5 % of the images");
  expect(budgetText(2.2, "percent_pixels_per_image")).toBe("2.2 % of each image's pixels");
  expect(budgetText(1, "regions")).toBe("1 region of each image");
  expect(budgetText(40, "pixels")).toBe("40 pixels of each image");
});
