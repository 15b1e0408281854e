import { isObject, isWithin } from "../../../lib/json-pointer";
import type { JsonDocument } from "../draft";
import { type Remark, remarksByPart, type RemarksByPart } from "../launch-faults";
import { changesOf } from "../own-change";
import { partsOf, type Section } from "../schema-form";

export const TARGETS = "/stream/targets";
/** Fewer are refused by the service. */
export const LEAST_TARGETS = 2;

/** A target of a stream as a document has it. */
export interface Target {
  name: string;
  dataset: JsonDocument;
}

/** The targets of a stream; null where the value is no list of them. */
export function readTargets(value: unknown): Target[] | null {
  if (!Array.isArray(value)) {
    return null;
  }
  const read = value.map((item: unknown) =>
    isObject(item) && isObject(item.dataset) ? { name: typeof item.name === "string" ? item.name : "", dataset: item.dataset } : null,
  );
  return read.every((target) => target !== null) ? read : null;
}

/** The targets with one more, which begins as the last one, or as the source where there is none. */
export function withAddedTarget(targets: readonly Target[], source: JsonDocument): Target[] {
  const taken = new Set(targets.map((target) => target.name));
  const names = Array.from({ length: targets.length + 1 }, (_, at) => `target-${at + 1}`);
  const name = names.find((candidate) => !taken.has(candidate)) ?? "";
  return [...targets, { name, dataset: targets.at(-1)?.dataset ?? source }];
}

/** The targets with one of them replaced, or without it where nothing takes its place. */
export function withTarget(targets: readonly Target[], index: number, changed: Target | null): Target[] {
  return targets.flatMap((target, at) => (at !== index ? [target] : changed === null ? [] : [changed]));
}

/** Whether targets say something else than those given, which have every default filled in. */
export function areOtherTargets(own: readonly Target[], given: readonly Target[]): boolean {
  const isOther = (target: Target, at: number) => target.name !== given[at]?.name || changesOf(target.dataset, given[at].dataset) > 0;
  return own.length !== given.length || own.some(isOther);
}

/** Where a target stands in the document. */
export function pointerOfTarget(index: number): string {
  return `${TARGETS}/${index}`;
}

/** What is said about one target, with places that begin at the target. */
export function remarksOfTarget(remarks: readonly Remark[], index: number, dataset: Section): RemarksByPart {
  const own = remarks.filter((remark) => isWithin(remark.pointer, pointerOfTarget(index)));
  const entries = own.map(({ pointer, message, code }) => ({
    source: "body" as const,
    pointer: `/document${pointer.slice(pointerOfTarget(index).length)}`,
    message,
    code,
  }));
  // What is said of the dataset as a whole belongs to the target: its options may be folded.
  return remarksByPart(entries, ["", "/name", ...partsOf(dataset).filter((part) => part !== dataset.pointer)]);
}
