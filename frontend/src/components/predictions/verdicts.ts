/** How one pixel of a prediction compares with the ground truth. */
export const Verdict = { RIGHT: 0, WRONG: 1, UNLEARNT: 2, UNLABELLED: 3 } as const;

/** What the raw ids of a panel mean after a step. */
export interface PanelIds {
  /** Null where every pixel has a class. */
  backgroundId: number | null;
  ignoreId: number;
  /** Raw ids of the classes that the model has learned. */
  learned: ReadonlySet<number>;
}

/** Judge every pixel.
 *
 * Where the ground truth shows a class that is not learned yet, nothing can be right: that is no error of this step. With
 * a class chosen, only errors about it count: where it is and is not seen, and where it is seen and is not.
 */
export function verdictsOf(truth: Uint8Array, prediction: Uint8Array, known: PanelIds, chosen: number | null): Uint8Array {
  return truth.map((id, at) => verdict(id, prediction[at] ?? known.ignoreId, known, chosen));
}

function verdict(truth: number, prediction: number, known: PanelIds, chosen: number | null): number {
  if (truth === known.ignoreId) {
    return Verdict.UNLABELLED;
  }
  if (truth !== known.backgroundId && !known.learned.has(truth)) {
    return Verdict.UNLEARNT;
  }
  const isCounted = chosen === null || truth === chosen || prediction === chosen;
  return truth !== prediction && isCounted ? Verdict.WRONG : Verdict.RIGHT;
}
