import type { ExperimentDetail, PresetDetail } from "../../api/types";
import type { JsonDocument } from "./draft";

/** The preset whose dataset and stream a form without a preset borrows: the demo where there is one; null without presets. */
export function examplePreset(presets: readonly string[]): string | null {
  return presets.find((preset) => preset.endsWith("/demo")) ?? presets[0] ?? null;
}

/** What a form without a preset begins with: published settings, on the dataset and stream of one of the method's presets. */
export function startingDocument(method: string, example: Pick<PresetDetail, "document"> | null): JsonDocument {
  return example === null ? { method } : { method, dataset: example.document.dataset, stream: example.document.stream };
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
