import { expect, test } from "vitest";

import type { StreamPreview } from "../../../api/types";
import { countedStep, factsOfStep, imagesAt } from "./step-facts";

const PREVIEW: StreamPreview = {
  classes: [],
  train_images: 2000,
  is_scanned: true,
  steps: [
    { title: "step 0", classes: [1, 2], domain: null, images: 1354, images_shared: 0, images_per_class: [900, 600] },
    { title: "step 1", classes: [3], domain: null, images: 1, images_shared: 1, images_per_class: [1] },
  ],
  images_unused: 0,
  faults: [],
};

test("a step tells its images and how many of them an earlier step has too", () => {
  const facts = [0, 1].map((index) => factsOfStep([[1, 2], [3]][index] ?? [], countedStep(PREVIEW, [[1, 2], [3]], index)));
  expect(facts).toEqual(["2 classes, 1,354 images", "1 class, 1 image, 1 of them in an earlier step too"]);
});

test("counts of a step as it was before are not shown for it as it is", () => {
  expect(countedStep(PREVIEW, [[1, 2, 3], []], 0)).toBeNull();
  expect(countedStep(PREVIEW, [[1, 2], [3], []], 0)).toBeNull();
  expect(factsOfStep([1, 2, 3], null)).toBe("3 classes");
});

test("images of a class are those of its place in the step", () => {
  expect([imagesAt(PREVIEW.steps[0] ?? null, 1), imagesAt(null, 0)]).toEqual([600, null]);
});
