import type { ComparedImages, ComparedTable, PredictedImage, PredictionPage, StepPrediction } from "../../../api/types";

/** What one member makes of an image. */
type MemberStep = StepPrediction & { run_id: string; seed: number };

/** A test image; its `steps` are the members, in their order. */
export interface MemberImage extends PredictedImage {
  steps: MemberStep[];
  /** The image under the name that each member's picture has. The objects stay the same while one zooms: nothing is painted anew. */
  named: PredictedImage[];
}

export type MemberPage = Omit<PredictionPage, "items"> & { items: MemberImage[] };

/** The compared images in the form in which the page of a run draws its own. */
export function asPanels(images: ComparedImages, tables: readonly ComparedTable[]): MemberPage {
  const learned = learnedSteps(tables);
  return {
    classes: images.classes.map((label) => ({ ...label, step_learned: learned.get(label.id) ?? null })),
    domain: images.domain,
    domains: images.domains,
    next_cursor: null,
    items: images.items.map(({ predictions, ...known }, rank) => {
      // A prediction is addressed by itself; its stage is not asked for.
      const image = { ...known, rank, steps: predictions.map((prediction) => ({ ...prediction, stage_id: "" })) };
      return { ...image, named: images.labels.map((label) => ({ ...image, source: `${image.source} by ${label}` })) };
    }),
  };
}

/** The steps after which anything was tested. */
export function stepsOfTables(tables: readonly ComparedTable[]): number[] {
  return [...new Set(tables.flatMap(({ steps }) => steps))].sort((one, other) => one - other);
}

/** Raw class id -> step that teaches it, as the columns of the scores of classes say. */
function learnedSteps(tables: readonly ComparedTable[]): Map<number, number> {
  const columns = tables.filter(({ kind }) => kind === "class").flatMap((table) => table.columns);
  return new Map(
    columns.flatMap(({ class_id, step_learned }) => (typeof class_id === "number" && typeof step_learned === "number" ? [[class_id, step_learned] as const] : [])),
  );
}
