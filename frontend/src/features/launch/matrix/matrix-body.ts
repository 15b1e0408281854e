import { parse } from "yaml";

import type { RunMatrix } from "../../../api/types";
import { isObject } from "../../../lib/json-pointer";

/** A named override as it is typed. */
export interface OverrideDraft {
  /** Tells the lines of the form apart. */
  id: number;
  name: string;
  /** Paths into the document with their values, one a line. */
  text: string;
  /** Methods that it is for; empty for all. */
  only: readonly string[];
}

export interface MatrixDraft {
  presets: readonly string[];
  seeds: readonly number[];
  overrides: readonly OverrideDraft[];
  tags: readonly string[];
}

/** The values of an override as they are typed. Throws an Error that says what is wrong. */
export function overrideValues(text: string): Record<string, unknown> {
  if (text.trim() === "") {
    return {};
  }
  let values: unknown;
  try {
    values = parse(text);
  } catch (error) {
    throw new Error(`cannot be read: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)}`, { cause: error });
  }
  if (!isObject(values)) {
    throw new Error("write one setting a line, such as config.memory.size: 12");
  }
  return values;
}

/** What keeps an override from being sent; null for nothing. */
export function overrideFault({ name, text }: OverrideDraft): string | null {
  if (name.trim() === "") {
    return "give it a name; it ends the names of its experiments";
  }
  try {
    overrideValues(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The request of a draft; null while something is missing or cannot be read. */
export function matrixBody({ presets, seeds, overrides, tags }: MatrixDraft): RunMatrix | null {
  if (presets.length === 0 || seeds.length === 0 || overrides.some((override) => overrideFault(override) !== null)) {
    return null;
  }
  return {
    methods: presets.map((preset) => ({ preset })),
    overrides: overrides.map(({ name, text, only }) => ({
      name: name.trim(),
      values: overrideValues(text),
      ...(only.length > 0 && { only: [...only] }),
    })),
    seeds: [...seeds],
    tags: [...tags],
    notes: "",
  };
}

/** The methods of some presets, each once. */
export function methodsOf(presets: readonly string[]): string[] {
  return [...new Set(presets.map((preset) => preset.split("/")[0] ?? preset))];
}
