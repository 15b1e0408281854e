import { isObject } from "../../lib/json-pointer";

/** A JSON Schema as pydantic writes it. */
export type Schema = Record<string, unknown>;

/** Bounds of a number, and whether they are excluded. */
export interface Bounds {
  min?: number;
  max?: number;
  isMinOpen: boolean;
  isMaxOpen: boolean;
}

/** How many items a list may have. */
export interface Length {
  min: number;
  max: number;
}

/** One setting that a form shows. `numbers` and `texts` are lists; `json` is anything that has no simple control. */
export interface Field {
  kind: "choice" | "switch" | "integer" | "number" | "text" | "numbers" | "texts" | "json";
  pointer: string;
  name: string;
  description: string;
  /** The schema's default, which is the published value; undefined where there is none. */
  published: unknown;
  /** Whether null is allowed, which stands for "not set". */
  isNullable: boolean;
  options: (string | number)[];
  /** What an option is called, where its value alone does not say it. */
  optionLabels: Record<string, string>;
  /** The places in a list that an option puts one after the other, where it names an order. */
  optionPlaces: Record<string, number[]>;
  /** Of the number, or of each number of a list. */
  bounds: Bounds;
  length: Length;
  /** Whether its values are names of the splits of the folder beside it. */
  isSplit: boolean;
}

/** The field for a schema without properties. */
export function fieldOf(pointer: string, name: string, schema: Schema, isNullable: boolean): Field {
  const options = listOf(schema.enum).filter((option) => typeof option === "string" || typeof option === "number");
  return {
    kind: kindOf(schema),
    pointer,
    name,
    description: text(schema.description),
    published: schema.default,
    isNullable,
    options,
    optionLabels: labelsOf(schema),
    optionPlaces: placesOf(schema),
    bounds: boundsOf(itemOf(schema) ?? schema),
    length: { min: numberOf(schema.minItems) ?? 0, max: numberOf(schema.maxItems) ?? Infinity },
    isSplit: schema["x-offers"] === "splits",
  };
}

const KINDS: Record<string, Field["kind"]> = { boolean: "switch", integer: "integer", number: "number", string: "text" };
const LIST_KINDS: Record<string, Field["kind"]> = { integer: "numbers", number: "numbers", string: "texts" };
function kindOf(schema: Schema): Field["kind"] {
  if (listOf(schema.enum).length > 0) {
    return "choice";
  }
  const item = itemOf(schema);
  return (item === null ? KINDS[text(schema.type)] : LIST_KINDS[text(item.type)]) ?? "json";
}

/** What each item of a list is, where all are alike; null for anything else. */
function itemOf(schema: Schema): Schema | null {
  const [first, ...others] = listOf(schema.prefixItems);
  const isAlike = others.every((other) => JSON.stringify(other) === JSON.stringify(first));
  const item = first !== undefined && isAlike ? first : schema.items;
  return schema.type === "array" && isObject(item) ? item : null;
}

function labelsOf(schema: Schema): Record<string, string> {
  const labels = schema["x-labels"];
  return isObject(labels) ? Object.fromEntries(Object.entries(labels).map(([option, label]) => [option, text(label)])) : {};
}

function placesOf(schema: Schema): Record<string, number[]> {
  const places = schema["x-places"];
  const numbers = (value: unknown) => listOf(value).filter((place) => typeof place === "number");
  return isObject(places) ? Object.fromEntries(Object.entries(places).map(([option, value]) => [option, numbers(value)])) : {};
}

function boundsOf(schema: Schema): Bounds {
  const open = { min: numberOf(schema.exclusiveMinimum), max: numberOf(schema.exclusiveMaximum) };
  const min = numberOf(schema.minimum) ?? open.min;
  const max = numberOf(schema.maximum) ?? open.max;
  return {
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    isMinOpen: open.min !== undefined,
    isMaxOpen: open.max !== undefined,
  };
}

/** The bounds as a reader expects them: "> 0, at most 10". */
export function boundsText({ min, max, isMinOpen, isMaxOpen }: Bounds): string {
  const parts = [
    min === undefined ? "" : isMinOpen ? `more than ${min}` : `at least ${min}`,
    max === undefined ? "" : isMaxOpen ? `less than ${max}` : `at most ${max}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** What a form of one value is called where its schema has no title. */
export function kindTitle(schema: Schema): string {
  const titles: Partial<Record<Field["kind"], string>> = { integer: "one number", number: "one number", switch: "yes or no" };
  return titles[kindOf(schema)] ?? "text";
}

/** Whether a value is one that a field of this kind holds. */
export function isOfKind(value: unknown, kind: Field["kind"]): boolean {
  const types: Partial<Record<Field["kind"], string>> = { integer: "number", number: "number", text: "string", choice: "string", switch: "boolean" };
  return typeof value === types[kind];
}

/** What a field begins with: its default, else a value that it allows. */
export function startOfField({ kind, published, bounds, options }: Field): unknown {
  const isNumeric = kind === "integer" || kind === "number";
  return published ?? (isNumeric ? startOfNumber(bounds) : (options[0] ?? ""));
}

/** A number that its bounds allow. */
function startOfNumber({ min, max, isMinOpen, isMaxOpen }: Bounds): number {
  if (min !== undefined && !isMinOpen) {
    return min;
  }
  return max !== undefined && !isMaxOpen ? max : ((min ?? 0) + (max ?? (min ?? 0) + 2)) / 2;
}

/** A text, empty where there is none. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A number; one beyond the whole numbers of a browser is as good as no bound. */
function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

/** A list, empty where there is none. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
