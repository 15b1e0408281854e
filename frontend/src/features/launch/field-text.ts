import type { Field } from "./schema-field";

/** What was typed, as a value of the field; or why it cannot be one. */
export type Typed = { isValid: true; value: unknown } | { isValid: false; message: string };

/** A value as it stands in the control. */
export function textOfValue(field: Field, value: unknown): string {
  if (value === null || value === undefined) {
    return "";
  }
  return field.kind === "json" || typeof value !== "string" ? JSON.stringify(value) : value;
}

/** Read a control. What the form can check at once is its kind; bounds are checked by the service. */
export function valueOfText(field: Field, typed: string): Typed {
  const text = typed.trim();
  if (text === "" && field.isNullable) {
    return { isValid: true, value: null };
  }
  if (field.kind === "integer" || field.kind === "number") {
    return valueOfNumber(field, text);
  }
  return field.kind === "json" ? valueOfJson(text) : { isValid: true, value: typed };
}

/** Read one number of a field or of its list. */
export function valueOfNumber(field: Field, text: string): Typed {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) {
    return { isValid: false, message: `${text === "" ? "nothing" : text} is no number` };
  }
  if (field.kind === "integer" && !Number.isInteger(value)) {
    return { isValid: false, message: `${text} is no whole number` };
  }
  return { isValid: true, value };
}

function valueOfJson(text: string): Typed {
  try {
    return { isValid: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    // Numbers with commas between them are meant as a list.
    const list = /^[\d\s.,eE+-]+$/.test(text) ? parsed(`[${text}]`) : undefined;
    return list === undefined
      ? { isValid: false, message: `not JSON: ${error instanceof Error ? error.message : String(error)}` }
      : { isValid: true, value: list };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
