import { isObject } from "../../lib/json-pointer";
import type { Section } from "./schema-form";

/** Groups of keys that say the same in different ways; a document has at most one of each group. */
export type Alternatives = readonly (readonly string[])[];

/** Keys that say which other keys a dataset or a stream has. */
const KINDS = ["world", "adapter", "kind"];

/** The keys that others exclude: the rest of each group that has one of them. */
export function excludedBy(keys: readonly string[], alternatives: Alternatives): Set<string> {
  const met = alternatives.filter((group) => group.some((key) => keys.includes(key)));
  return new Set(met.flat().filter((key) => !keys.includes(key)));
}

/**
 * What still holds of a preset's dataset or stream once a document's is laid over it, as the service lays it. One of another kind leaves
 * nothing, and a key leaves out its alternatives.
 */
export function leftOf(base: unknown, over: unknown, alternatives: Alternatives = []): unknown {
  if (over === undefined || !isMapping(base)) {
    return base;
  }
  if (!isMapping(over) || KINDS.some((key) => key in over && over[key] !== base[key])) {
    return undefined;
  }
  const excluded = excludedBy(Object.keys(over), alternatives);
  const kept = Object.entries(base).filter(([key]) => !excluded.has(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, leftOf(value, over[key])]));
}

/** A document's dataset or stream with what is left of its preset's below it; see `leftOf`. */
export function laidOver(left: unknown, over: unknown): unknown {
  if (over === undefined || !isMapping(left) || !isMapping(over)) {
    return over === undefined ? left : over;
  }
  const given = Object.entries(over).map(([key, value]) => [key, laidOver(left[key], value)] as const);
  return { ...left, ...Object.fromEntries(given) };
}

/** What a form shows where the document is silent: the preset without the parts of its dataset and stream that the document leaves out. */
export function leftOfPreset(preset: unknown, document: unknown, form: Section): unknown {
  if (!isObject(preset) || !isObject(document)) {
    return preset;
  }
  const parts = form.sections.filter(({ pointer }) => pointer === "/dataset" || pointer === "/stream");
  const left = parts.map(({ name, alternatives }) => [name, leftOf(preset[name], document[name], alternatives)] as const);
  return { ...preset, ...Object.fromEntries(left) };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value);
}
