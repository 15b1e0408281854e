import type { ImportReport } from "../../../api/types";
import { formatCount } from "../../../lib/format";

type Losses = ImportReport["losses"];

const LOSS_WORDS: readonly [keyof Losses, (count: number) => string][] = [
  ["pieces", (count) => `${formatCount(count, "piece")} of fewer than three vertices left out`],
  ["empty", (count) => `${formatCount(count, "annotation")} without a pixel left out`],
  ["clipped", (count) => `${formatCount(count, "annotation")} cut at the border of the image`],
  ["overlapping", (count) => `${formatCount(count, "pixel")} of two classes settled as chosen`],
];

/** What was left out of the files that are taken, one line for each kind of loss. */
export function lossTexts(losses: Losses): string[] {
  return LOSS_WORDS.filter(([kind]) => losses[kind] > 0).map(([kind, words]) => words(losses[kind]));
}

const STATUS_WORDS: Readonly<Record<ImportReport["files"][number]["status"], string>> = {
  would_accept: "would be taken",
  accepted: "taken",
  refused: "refused",
  unknown: "ignored",
};

/** What becomes of a file. */
export function statusWord(status: ImportReport["files"][number]["status"]): string {
  return STATUS_WORDS[status];
}

/** "12 files taken, 1 refused": the whole archive in one line. */
export function outcomeText({ counts, dry_run }: ImportReport): string {
  const taken = dry_run ? `${formatCount(counts.would_accept, "file")} can be taken` : `${formatCount(counts.accepted, "file")} taken`;
  const others = [counts.refused > 0 ? `${counts.refused} refused` : "", counts.unknown > 0 ? `${counts.unknown} ignored` : ""];
  return [taken, ...others.filter((text) => text !== "")].join(", ");
}
