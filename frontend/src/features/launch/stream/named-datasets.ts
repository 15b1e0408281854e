import { isObject, isWithin } from "../../../lib/json-pointer";
import type { JsonDocument } from "../draft";
import { type Remark, remarksByPart, type RemarksByPart } from "../launch-faults";
import { changesOf } from "../own-change";
import { partsOf, type Section } from "../schema-form";

/** A dataset of a stream with its name, such as a target, a domain or a test set. */
export interface NamedDataset {
  name: string;
  dataset: JsonDocument;
}

/** The datasets of a list, of which there are none where the document has no list; null where the value is no such list. */
export function readNamed(value: unknown): NamedDataset[] | null {
  if (!Array.isArray(value)) {
    return value === undefined ? [] : null;
  }
  const read = value.map((item: unknown) =>
    isObject(item) && isObject(item.dataset) ? { name: typeof item.name === "string" ? item.name : "", dataset: item.dataset } : null,
  );
  return read.every((named) => named !== null) ? read : null;
}

/** The list with one more, which begins as the last one, or as `start` where there is none; its name is `prefix` and a number. */
export function withAdded(list: readonly NamedDataset[], prefix: string, start: JsonDocument, others: readonly string[] = []): NamedDataset[] {
  const taken = new Set([...others, ...list.map((named) => named.name)]);
  const names = Array.from({ length: taken.size + 1 }, (_, at) => `${prefix}-${at + 1}`);
  const name = names.find((candidate) => !taken.has(candidate)) ?? "";
  return [...list, { name, dataset: list.at(-1)?.dataset ?? start }];
}

/** The list with one of them replaced, or without it where nothing takes its place. */
export function withReplaced(list: readonly NamedDataset[], index: number, changed: NamedDataset | null): NamedDataset[] {
  return list.flatMap((named, at) => (at !== index ? [named] : changed === null ? [] : [changed]));
}

/** Whether a list says something else than the one given, which has every default filled in. */
export function areOthers(own: readonly NamedDataset[], given: readonly NamedDataset[]): boolean {
  const isOther = (named: NamedDataset, at: number) => named.name !== given[at]?.name || changesOf(named.dataset, given[at].dataset) > 0;
  return own.length !== given.length || own.some(isOther);
}

/** Where one of a list stands in the document. */
export function pointerOf(list: string, index: number): string {
  return `${list}/${index}`;
}

/** What is said about the part of a document at a pointer, with places that begin there. */
export function remarksWithin(remarks: readonly Remark[], pointer: string, dataset: Section): RemarksByPart {
  const own = remarks.filter((remark) => isWithin(remark.pointer, pointer));
  const entries = own.map((remark) => ({
    source: "body" as const,
    pointer: `/document${remark.pointer.slice(pointer.length)}`,
    message: remark.message,
    code: remark.code,
  }));
  // What is said of the dataset as a whole belongs to the row: its options may be folded.
  return remarksByPart(entries, ["", "/name", ...partsOf(dataset).filter((part) => part !== dataset.pointer)]);
}
