import type { PredictedImage, PredictionClass, PredictionPage, StepPrediction } from "../../api/types";
import { formatPercent } from "../../lib/format";
import type { PanelIds } from "./verdicts";

/** Steps that any image was put through, in order. */
export function stepsOf(images: readonly PredictedImage[]): number[] {
  return [...new Set(images.flatMap((image) => image.steps.map((done) => done.step)))].sort((a, b) => a - b);
}

/** The images in the order of the panels; those that show the chosen class first. */
export function orderedImages(images: readonly PredictedImage[], chosen: number | null): PredictedImage[] {
  const isBehind = (image: PredictedImage) => (chosen === null || image.classes.includes(chosen) ? 0 : 1);
  return [...images].sort((a, b) => isBehind(a) - isBehind(b) || a.rank - b.rank);
}

/** What the raw ids of an image mean after a step. */
export function idsAfter(image: PredictedImage, classes: readonly PredictionClass[], step: number): PanelIds {
  const learned = classes.filter(({ step_learned }) => step_learned !== null && step_learned <= step);
  return { backgroundId: image.background_id, ignoreId: image.ignore_id, learned: new Set(learned.map(({ id }) => id)) };
}

/** The line under a tile: IoU of the chosen class in this picture, or without one the accuracy of all pixels. */
export function tileValue(image: PredictedImage, done: StepPrediction, chosen: PredictionClass | null): string {
  if (chosen === null) {
    return `${formatPercent(done.pixel_accuracy)} % right`;
  }
  if (chosen.step_learned === null || chosen.step_learned > done.step) {
    return "not learned yet";
  }
  return image.classes.includes(chosen.id) ? `IoU ${formatPercent(done.iou[chosen.id])}` : "not in the picture";
}

/** Classes that tiles can show: learned by now, or in a ground truth. */
export function shownClasses({ items, classes }: PredictionPage): PredictionClass[] {
  const last = stepsOf(items).at(-1) ?? -1;
  const inTruth = new Set(items.flatMap((image) => image.classes));
  return classes.filter(({ id, step_learned }) => (step_learned !== null && step_learned <= last) || inTruth.has(id));
}
