import type { StreamPreview } from "../../../api/types";
import { formatCount, formatNumber } from "../../../lib/format";
import type { Steps } from "./steps";

export type StepPreview = StreamPreview["steps"][number];

/** What the service counted for a step, as long as it is about the step as it stands. */
export function countedStep(preview: StreamPreview | undefined, steps: Steps, index: number): StepPreview | null {
  const found = preview?.steps[index];
  const isSame = preview?.steps.length === steps.length && JSON.stringify(found?.classes) === JSON.stringify(steps[index]);
  return found !== undefined && isSame ? found : null;
}

/** "2 classes, 354 images, 120 of them in an earlier step too". */
export function factsOfStep(step: readonly number[], counted: StepPreview | null): string {
  const parts = [formatCount(step.length, "class", "classes")];
  if (counted?.images != null) {
    parts.push(formatCount(counted.images, "image"));
  }
  if (counted?.images_shared != null && counted.images_shared > 0) {
    parts.push(`${formatNumber(counted.images_shared)} of them in an earlier step too`);
  }
  return parts.join(", ");
}

/** Images of the step that show the class at a place in it. */
export function imagesAt(counted: StepPreview | null, place: number): number | null {
  return counted?.images_per_class?.[place] ?? null;
}
