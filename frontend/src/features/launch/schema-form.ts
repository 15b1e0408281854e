import { childPointer, isObject } from "../../lib/json-pointer";
import type { Alternatives } from "./laid-over";
import { type Field, fieldOf, isOfKind, kindTitle, listOf, type Schema, startOfField, text } from "./schema-field";

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
  /** The setting itself, where this form is one value, such as a number, and no object. */
  single: Field | null;
}

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
    const choices = [...listOf(schema.anyOf), ...listOf(schema.oneOf)].map((choice) => this.resolved(choice));
    const concrete = choices.filter((choice) => choice.type !== "null");
    const isNullable = concrete.length < choices.length;
    if ("const" in schema) {
      return;
    }
    if (isObject(schema.properties)) {
      owner.sections.push(this.section(pointer, name, schema));
    } else if (concrete.length > 1 && concrete.some((choice) => isObject(choice.properties))) {
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
    const name = text(schema.title) || kindTitle(schema);
    const single = isObject(schema.properties) ? null : fieldOf(pointer, name, schema, false);
    return { ...this.section(pointer, name, schema), required, literals, single };
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

/** The variant that a value has the form of, else one whose keys it has; undefined stands for none where that is allowed. */
export function chosenVariant(section: Section, value: unknown): Variant | undefined {
  if (section.isNullable && (value === null || value === undefined)) {
    return undefined;
  }
  const single = section.variants.find((variant) => variant.single !== null && isOfKind(value, variant.single.kind));
  if (single !== undefined) {
    return single;
  }
  const given = isObject(value) ? value : {};
  const hasKeys = ({ required, single: own }: Variant) => own === null && required.every((key) => key in given);
  const fits = ({ literals }: Variant) => Object.entries(literals).every(([key, only]) => !(key in given) || given[key] === only);
  const named = section.variants.filter(hasKeys);
  return named.find(fits) ?? named[0] ?? section.variants[0];
}

/** What a variant begins with: its constants and defaults, and what has neither left empty. */
export function startOfVariant({ required, fields, literals, single }: Variant): unknown {
  if (single !== null) {
    return startOfField(single);
  }
  const defaults = fields.filter((field) => field.published !== undefined).map((field) => [field.name, field.published] as const);
  return { ...Object.fromEntries(required.map((key) => [key, ""])), ...Object.fromEntries(defaults), ...literals };
}

/** Pointers of a section, its fields and what is inside it, those of every variant among them. */
export function partsOf(section: Section): string[] {
  const inner = [...section.sections, ...section.variants].flatMap(partsOf);
  return [...new Set([section.pointer, ...section.fields.map((field) => field.pointer), ...inner])];
}
