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

/** What a clone begins with: the document as submitted, with dataset and stream written out.
 *
 * A document's dataset and stream replace those of its preset as a whole, so a change of one of their settings needs the others beside it.
 */
export function clonedDocument(experiment: Pick<ExperimentDetail, "document" | "resolved">): JsonDocument {
  const { dataset, stream } = experiment.resolved;
  return {
    ...experiment.document,
    dataset: experiment.document.dataset ?? dataset,
    stream: experiment.document.stream ?? stream,
  };
}
