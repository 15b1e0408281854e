import { expect, test } from "vitest";

import { exampleImage, examplePredictions } from "../../testing/examples";
import { idsAfter, orderedImages, shownClasses, stepsOf, tileValue } from "./panel-rows";

const PAGE = examplePredictions();
const [BALL, CRATE, TENT] = PAGE.classes;

test("columns are the steps that any image was put through", () => {
  expect(stepsOf(PAGE.items)).toEqual([0, 1]);
  expect(stepsOf([])).toEqual([]);
});

test("images that show the chosen class come first, each group in the order of the panels", () => {
  const images = [exampleImage(0, [1]), exampleImage(1, [2]), exampleImage(2, [1, 2])];
  expect(orderedImages(images, 2).map((image) => image.rank)).toEqual([1, 2, 0]);
  expect(orderedImages(images, null).map((image) => image.rank)).toEqual([0, 1, 2]);
});

test("a class is known from its step on, and one that no step teaches never", () => {
  const learned = [0, 1, 9].map((step) => [...idsAfter(exampleImage(0, [1]), PAGE.classes, step).learned]);
  expect(learned).toEqual([[1], [1, 2], [1, 2]]);
});

test("a tile says the accuracy, or what the chosen class is worth in this picture", () => {
  const image = exampleImage(0, [1]);
  const [first, second] = image.steps;
  if (first === undefined || second === undefined) {
    throw new Error("the example has two steps");
  }
  expect(tileValue(image, first, null)).toBe("90.0 % right");
  expect([first, second].map((done) => tileValue(image, done, BALL ?? null))).toEqual(["IoU 80.0", "IoU 20.0"]);
  expect([first, second].map((done) => tileValue(image, done, CRATE ?? null))).toEqual(["not learned yet", "not in the picture"]);
  expect(tileValue(image, second, TENT ?? null)).toBe("not learned yet");
});

test("the legend names what is learned by now or shown in a ground truth", () => {
  const names = (images: ReturnType<typeof exampleImage>[]) =>
    shownClasses({ ...PAGE, items: images }).map((label) => label.name);
  expect(names([exampleImage(0, [1])])).toEqual(["ball", "crate"]);
  expect(names([exampleImage(0, [3])])).toEqual(["ball", "crate", "tent"]);
});
