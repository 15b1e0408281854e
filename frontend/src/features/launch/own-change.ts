import { isObject, valueAt } from "../../lib/json-pointer";

/** A setting that the document says otherwise than its preset, and what the preset says. */
export interface OwnChange {
  given: unknown;
}

/** Whether a document changes what its preset gives at a place; null where it does not, and where the preset gives nothing. */
export function ownChange(document: unknown, given: unknown, pointer: string): OwnChange | null {
  const begun = valueAt(given, pointer);
  return begun === undefined || changesOf(valueAt(document, pointer), begun) === 0 ? null : { given: begun };
}

/** How many settings of a value are others than those given; a list counts as one setting. */
export function changesOf(own: unknown, given: unknown): number {
  if (own === undefined || JSON.stringify(own) === JSON.stringify(given)) {
    return 0;
  }
  if (Array.isArray(own) && Array.isArray(given)) {
    return own.length === given.length && own.every((item, at) => changesOf(item, given[at]) === 0) ? 0 : 1;
  }
  if (!isMapping(own) || !isMapping(given)) {
    return 1;
  }
  return Object.entries(own).reduce((count, [key, value]) => count + changesOf(value, given[key]), 0);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value);
}
