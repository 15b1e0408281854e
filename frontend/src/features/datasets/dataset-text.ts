import { formatSetting } from "../../lib/format";

/** Where a dataset lies, or what is drawn. */
export function placeOf(spec: Record<string, unknown>): string {
  if (!("world" in spec)) {
    return `${formatSetting(spec.root)} (${formatSetting(spec.adapter)})`;
  }
  const { world, ...options } = spec;
  const settings = Object.entries(options).map(([name, value]) => `${name} ${formatSetting(value)}`);
  return `world ${formatSetting(world)}: ${settings.join(", ")}`;
}

/** What a kind of fault is called, and what to do about it. */
export interface FaultKind {
  title: string;
  wayOut: string;
}

const FAULTS: Record<string, FaultKind> = {
  missing_root: { title: "The folder is missing", wayOut: "Put the folder back, or register the dataset at its new path." },
  bad_list: {
    title: "A split list or the class list cannot be used",
    wayOut: "Fix the file as the message says. The page “Data” of the documentation shows each layout.",
  },
  empty: { title: "A split has no images", wayOut: "Write one image name per line into the split's list." },
  missing_file: { title: "Files are missing", wayOut: "Copy the files into place, or remove their names from the split's list." },
  not_a_file: { title: "Not a regular file", wayOut: "Replace it by a regular file." },
  leads_out: {
    title: "Links lead out of the dataset's folder",
    wayOut: "Copy the files into the dataset's folder, or register the folder that holds them.",
  },
  unreadable: { title: "Files cannot be read", wayOut: "The files are damaged or incomplete: copy them again from their source." },
  too_large: { title: "Images are too large", wayOut: "Cut the images and their labels into tiles." },
  not_an_index: {
    title: "Labels are not index images",
    wayOut: "Store one 8-bit class id per pixel (PNG of mode L or P), not colours.",
  },
  wrong_depth: {
    title: "Images have more than 8 bits per channel",
    wayOut: "Convert all images to 8 bits per channel, with the same factor.",
  },
  lossy: { title: "Labels are stored in a lossy format", wayOut: "Write the labels again as PNG, from the original class ids." },
  size_mismatch: { title: "Image and label have different sizes", wayOut: "An image and its label need the same width and height." },
  unknown_id: {
    title: "Labels contain values that are not a class",
    wayOut: "Add the class to classes.json, or map the value to a class or to the ignored id.",
  },
  same_id: { title: "Two images have the same id", wayOut: "Rename or remove one of them." },
  binary_mask: {
    title: "Labels look like masks of 0 and 255",
    wayOut: "255 means “ignored”: write the class id in its place.",
  },
  train_ids: {
    title: "Label ids look like train ids",
    wayOut: "Use the original label ids, or name the files as train ids.",
  },
  no_pixel: {
    title: "Classes without a pixel",
    wayOut: "A model cannot learn these classes from the split, and tests on it leave their scores undefined.",
  },
  oriented: {
    title: "Images with an orientation tag",
    wayOut: "Images are read as stored, without rotating them: their labels must match that orientation.",
  },
  duplicate: {
    title: "The same image occurs more than once",
    wayOut: "If it is in both a training and a test split, scores look better than they are: remove one copy.",
  },
};

/** The words for a kind of fault; its code for one that this page does not know. */
export function faultKind(code: string): FaultKind {
  return FAULTS[code] ?? { title: code.replaceAll("_", " "), wayOut: "" };
}

/** A share as percent: 0.1234 -> "12.3 %"; what is there but small is not shown as nothing. */
export function shareText(part: number, whole: number): string {
  if (part === 0 || whole === 0) {
    return "0 %";
  }
  const percent = (100 * part) / whole;
  return percent < 0.1 ? "< 0.1 %" : `${percent.toFixed(1)} %`;
}
