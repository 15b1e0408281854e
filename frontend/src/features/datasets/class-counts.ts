import type { DatasetDetail } from "../../api/types";

/** One line of the class table: a class, or what is no class but has pixels. */
export interface ClassRow {
  id: number;
  name: string;
  colour: string | null;
  /** Whether it can be learned. */
  isClass: boolean;
}

/** How a row stands in one split. */
export interface ClassShare {
  images: number;
  pixels: number;
  /** Pixels of the split, of all rows. */
  allPixels: number;
  allImages: number;
}

/** The background, every class in the order of their ids, and the ignored value where it occurs. */
export function classRows(dataset: DatasetDetail): ClassRow[] {
  const rows: ClassRow[] = dataset.classes.map((label) => ({ ...label, isClass: true }));
  if (dataset.background_id !== null) {
    rows.unshift({ id: dataset.background_id, name: "background", colour: "#000000", isClass: false });
  }
  const { ignore_id: ignored } = dataset;
  if (ignored !== null && dataset.splits.some((split) => (split.pixels_per_class[ignored] ?? 0) > 0)) {
    rows.push({ id: ignored, name: "ignored", colour: null, isClass: false });
  }
  return rows;
}

/** Counts of a row in a split. */
export function shareOf(split: DatasetDetail["splits"][number], id: number): ClassShare {
  return {
    images: split.images_per_class[id] ?? 0,
    pixels: split.pixels_per_class[id] ?? 0,
    allPixels: Object.values(split.pixels_per_class).reduce((sum, pixels) => sum + pixels, 0),
    allImages: split.sound,
  };
}
