import { type ImageFit, toView } from "./image-fit";
import type { Point } from "./rect";

/** A click on a pixel, on the object or beside it. */
export interface Click extends Point {
  isPositive: boolean;
}

/** What the assistant is asked: clicks, a box from corner to corner, or both; perhaps about an earlier mask. */
export interface Question {
  clicks: readonly Click[];
  box: readonly [Point, Point] | null;
  /** Low-resolution logits of an earlier answer, to refine it. */
  mask: Float32Array | null;
}

const MOST_CANDIDATES = 3;
const LABELS = { negative: 0, positive: 1, boxStart: 2, boxEnd: 3, padding: -1 } as const;

/** The points of a question as the decoder takes them: clicks, then the box, or padding where there is none. */
export function pointTokens({ clicks, box }: Question, fit: ImageFit): { places: Float32Array; labels: Float32Array } {
  const points = [...clicks, ...(box ?? [])].map((point) => toView(fit, point));
  const labels: number[] = clicks.map(({ isPositive }) => (isPositive ? LABELS.positive : LABELS.negative));
  if (box === null) {
    points.push({ x: 0, y: 0 });
    labels.push(LABELS.padding);
  } else {
    labels.push(LABELS.boxStart, LABELS.boxEnd);
  }
  return { places: Float32Array.from(points.flatMap(({ x, y }) => [x, y])), labels: Float32Array.from(labels) };
}

/** Which of a decoder's four masks are shown, the default one first; the same rule as on the server.
 *
 * The first mask is the head's, or SAM's single mask; the others are SAM's own for ambiguous questions.
 */
export function candidateOrder(scores: readonly number[], { clicks, box, mask }: Question, hasHead: boolean): number[] {
  const rest = scores.map((_, place) => place).slice(1).sort((one, other) => (scores[other] ?? 0) - (scores[one] ?? 0));
  const isAmbiguous = clicks.length === 1 && box === null && mask === null;
  return (isAmbiguous && !hasHead ? rest : [0, ...rest]).slice(0, MOST_CANDIDATES);
}
