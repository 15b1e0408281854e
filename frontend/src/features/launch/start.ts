import type { ExperimentDetail } from "../../api/types";
import type { JsonDocument } from "./draft";

/** What a form without a preset begins with: published settings on the built-in world, in three steps of two classes. */
export function startingDocument(method: string): JsonDocument {
  return {
    method,
    dataset: { world: "objects", classes: 6 },
    stream: {
      setting: "overlap",
      steps: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    },
  };
}

type Cloned = Pick<ExperimentDetail, "document" | "resolved">;

/** Whether the preset that a document begins with is there no more. */
export function hasLostPreset({ document }: Pick<Cloned, "document">, presets: readonly string[]): boolean {
  return typeof document.preset === "string" && !presets.includes(document.preset);
}

/** What a clone begins with: the document as submitted, with dataset and stream written out.
 *
 * So it stays a copy of the same data and steps when the preset changes.
 * Where the preset is gone, everything that it gave is written out.
 */
export function clonedDocument(experiment: Cloned, presets: readonly string[]): JsonDocument {
  const { dataset, stream } = experiment.resolved;
  if (hasLostPreset(experiment, presets)) {
    return { ...experiment.resolved };
  }
  return {
    ...experiment.document,
    dataset: experiment.document.dataset ?? dataset,
    stream: experiment.document.stream ?? stream,
  };
}
