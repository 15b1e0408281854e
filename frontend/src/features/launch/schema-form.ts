import { childPointer, isObject } from "../../lib/json-pointer";
import type { Alternatives } from "./laid-over";

/** Bounds of a number, and whether they are excluded. */
export interface Bounds {
  min?: number;
  max?: number;
  isMinOpen: boolean;
  isMaxOpen: boolean;
}

/** One setting that a form shows. `json` is anything that has no simple control. */
export interface Field {
  kind: "choice" | "switch" | "integer" | "number" | "text" | "json";
  pointer: string;
  name: string;
  description: string;
  /** The schema's default, which is the published value; undefined where there is none. */
  published: unknown;
  /** Whether null is allowed, which stands for "not set". */
  isNullable: boolean;
  options: (string | number)[];
  bounds: Bounds;
  /** Whether its values are names of the splits of the folder beside it. */
  isSplit: boolean;
}

/** Settings that belong together. */
export interface Section {
  pointer: string;
  name: string;
  description: string;
  fields: Field[];
  sections: Section[];
  /** Forms of which one is chosen, such as a folder or a built-in world; empty where there is one form. */
  variants: Variant[];
  /** Whether null is allowed, which stands for none of the variants. */
  isNullable: boolean;
  /** Keys of the section that exclude each other. */
  alternatives: Alternatives;
}

/** One form of a section, known by the keys that it must have and the values that some of them must be. */
export interface Variant extends Section {
  required: string[];
  literals: Record<string, unknown>;
}

type Schema = Record<string, unknown>;

/** The parts of a form for a JSON Schema as pydantic writes it. */
export function formOfSchema(schema: Schema): Section {
  return new Reader(isObject(schema.$defs) ? schema.$defs : {}).section("", "", schema);
}

class Reader {
  constructor(private readonly definitions: Schema) {}

  section(pointer: string, name: string, schema: Schema): Section {
    const made = sectionWithout(pointer, name, schema);
    const properties = isObject(schema.properties) ? schema.properties : {};
    for (const [key, raw] of Object.entries(properties)) {
      this.add(made, childPointer(pointer, key), key, this.resolved(raw));
    }
    return made;
  }

  private add(owner: Section, pointer: string, name: string, schema: Schema): void {
    const choices = listOf(schema.anyOf).map((choice) => this.resolved(choice));
    const concrete = choices.filter((choice) => choice.type !== "null");
    const isNullable = concrete.length < choices.length;
    if ("const" in schema) {
      return;
    }
    if (isObject(schema.properties)) {
      owner.sections.push(this.section(pointer, name, schema));
    } else if (concrete.length > 1 && concrete.every((choice) => isObject(choice.properties))) {
      const variants = concrete.map((choice) => this.variant(pointer, choice));
      owner.sections.push({ ...sectionWithout(pointer, name, schema), variants, isNullable });
    } else {
      const only = concrete.length === 1 ? { ...concrete[0], description: schema.description, default: schema.default } : schema;
      owner.fields.push(fieldOf(pointer, name, only, isNullable));
    }
  }

  private variant(pointer: string, schema: Schema): Variant {
    const required = listOf(schema.required).map(text);
    const properties = Object.entries(isObject(schema.properties) ? schema.properties : {});
    const literals = Object.fromEntries(properties.flatMap(([key, raw]) => constantOf(key, this.resolved(raw))));
    return { ...this.section(pointer, text(schema.title), schema), required, literals };
  }

  private resolved(raw: unknown): Schema {
    const schema = isObject(raw) ? raw : {};
    const reference = schema.$ref;
    if (typeof reference !== "string") {
      return schema;
    }
    const target = this.definitions[reference.replace("#/$defs/", "")];
    return { ...(isObject(target) ? target : {}), ...schema };
  }
}

/** A section with nothing in it yet. */
function sectionWithout(pointer: string, name: string, schema: Schema): Section {
  const alternatives = listOf(schema["x-alternatives"]).map((group) => listOf(group).map(text));
  return { pointer, name, description: text(schema.description), fields: [], sections: [], variants: [], isNullable: false, alternatives };
}

function constantOf(key: string, schema: Schema): [string, unknown][] {
  return "const" in schema ? [[key, schema.const]] : [];
}

function fieldOf(pointer: string, name: string, schema: Schema, isNullable: boolean): Field {
  const options = listOf(schema.enum).filter((option) => typeof option === "string" || typeof option === "number");
  return {
    kind: kindOf(schema, options.length > 0),
    pointer,
    name,
    description: text(schema.description),
    published: schema.default,
    isNullable,
    options,
    bounds: boundsOf(schema),
    isSplit: schema["x-offers"] === "splits",
  };
}

function kindOf(schema: Schema, hasOptions: boolean): Field["kind"] {
  const kinds: Record<string, Field["kind"]> = { boolean: "switch", integer: "integer", number: "number", string: "text" };
  return hasOptions ? "choice" : (kinds[text(schema.type)] ?? "json");
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

/** The variant that a value has the form of, else one whose keys it has; undefined stands for none where that is allowed. */
export function chosenVariant(section: Section, value: unknown): Variant | undefined {
  if (section.isNullable && (value === null || value === undefined)) {
    return undefined;
  }
  const given = isObject(value) ? value : {};
  const hasKeys = ({ required }: Variant) => required.every((key) => key in given);
  const fits = ({ literals }: Variant) => Object.entries(literals).every(([key, only]) => !(key in given) || given[key] === only);
  const named = section.variants.filter(hasKeys);
  return named.find(fits) ?? named[0] ?? section.variants[0];
}

/** What a variant begins with: its constants and defaults, and what has neither left empty. */
export function startOfVariant({ required, fields, literals }: Variant): Record<string, unknown> {
  const defaults = fields.filter((field) => field.published !== undefined).map((field) => [field.name, field.published] as const);
  return { ...Object.fromEntries(required.map((key) => [key, ""])), ...Object.fromEntries(defaults), ...literals };
}

/** Pointers of a section, its fields and what is inside it, those of every variant among them. */
export function partsOf(section: Section): string[] {
  const inner = [...section.sections, ...section.variants].flatMap(partsOf);
  return [...new Set([section.pointer, ...section.fields.map((field) => field.pointer), ...inner])];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A number; one beyond the whole numbers of a browser is as good as no bound. */
function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
