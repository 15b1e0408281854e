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
    wayOut: "Mend the file as the message says; docs/data.md shows the layout of each adapter.",
  },
  empty: { title: "A split lists no image", wayOut: "Write one name a line into the list." },
  missing_file: { title: "Files are missing", wayOut: "Copy them into place, or take their names out of the split list." },
  unreadable: { title: "Files cannot be read", wayOut: "They are damaged or cut short: copy them again from their source." },
  too_large: { title: "Pictures are too large", wayOut: "Cut them, with their labels, into tiles." },
  not_an_index: {
    title: "Labels are no index images",
    wayOut: "Write one class id of 8 bits a pixel (PNG of mode L or P), not colours.",
  },
  size_mismatch: { title: "Image and label differ in size", wayOut: "Both of a pair need the same width and height." },
  unknown_id: {
    title: "Labels hold values that are no class",
    wayOut: "Add the class to classes.json, or map the value to a class or to the ignored id.",
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
