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
  missing_root: { title: "The folder is missing", wayOut: "Put it back, or register the dataset at its new place." },
  bad_list: {
    title: "A split list or the class table cannot be used",
    wayOut: "Fix the file as the message says; docs/data.md shows the layout of each adapter.",
  },
  empty: { title: "A split lists no image", wayOut: "Write one name a line into the list." },
  missing_file: { title: "Files are missing", wayOut: "Copy them into place, or take their names out of the split list." },
  not_a_file: { title: "Something else lies in place of a file", wayOut: "Put a plain file there." },
  leads_out: {
    title: "Links lead out of the dataset's folder",
    wayOut: "Put the files themselves there, or register the folder that they lie in.",
  },
  unreadable: { title: "Files cannot be read", wayOut: "They are damaged or cut short: copy them again from their source." },
  too_large: { title: "Pictures are too large", wayOut: "Cut them, with their labels, into tiles." },
  not_an_index: {
    title: "Labels are no index images",
    wayOut: "Write one class id of 8 bits a pixel (PNG of mode L or P), not colours.",
  },
  wrong_depth: {
    title: "Images have more than 8 bits a channel",
    wayOut: "Write them with 8 bits a channel, all of them scaled by the same factor.",
  },
  lossy: { title: "Labels are in a lossy format", wayOut: "Write them as PNG, from the original class ids." },
  size_mismatch: { title: "Image and label differ in size", wayOut: "Both of a pair need the same width and height." },
  unknown_id: {
    title: "Labels hold values that are no class",
    wayOut: "Add the class to classes.json, or map the value to a class or to the ignored id.",
  },
  same_id: { title: "Two images have one id", wayOut: "Rename or remove one of the two." },
  binary_mask: {
    title: "Labels look like masks of 0 and 255",
    wayOut: "255 is the ignored id: write the id of the class in its place.",
  },
  train_ids: {
    title: "Label ids look like train ids",
    wayOut: "Take the original label ids, or give the files the name of train ids.",
  },
  no_pixel: {
    title: "Classes without a pixel",
    wayOut: "Nothing can be learned of them from such a split, and a test on it leaves their scores undefined.",
  },
  oriented: {
    title: "Images with an orientation tag",
    wayOut: "They are read as they are stored: labels must lie in that frame.",
  },
  duplicate: {
    title: "The same picture is there more than once",
    wayOut: "Between a training and a test split this makes scores look better than they are: take one of them out.",
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
