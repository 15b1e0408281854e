import { expect, test } from "vitest";

import { boundsText } from "./schema-field";
import { chosenVariant, formOfSchema, partsOf, type Section, startOfVariant } from "./schema-form";

const OPTIM = {
  type: "object",
  properties: {
    lr: { type: "number", exclusiveMinimum: 0, maximum: 10, default: 0.001, description: "Learning rate." },
    iterations: { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], default: null, description: "Instead of epochs." },
    nesterov: { type: "boolean", default: true },
    stride: { type: "integer", enum: [8, 16], default: 16 },
  },
};
const SCHEMA = {
  type: "object",
  $defs: {
    Optim: OPTIM,
    Blend: { title: "Blend", type: "object", properties: { beta: { type: "array" } } },
    Folder: { title: "FolderDatasetSpec", type: "object", properties: { root: { type: "string" } }, required: ["root"] },
    World: {
      title: "WorldDatasetSpec",
      type: "object",
      properties: { world: { const: "objects" }, classes: { type: "integer" } },
      required: ["world"],
    },
  },
  properties: {
    method: { const: "eir" },
    dataset: { anyOf: [{ $ref: "#/$defs/Folder" }, { $ref: "#/$defs/World" }], description: "Where images come from." },
    config: {
      type: "object",
      properties: {
        optim: { $ref: "#/$defs/Optim", description: "Optimisation." },
        lambda: { anyOf: [{ $ref: "#/$defs/Blend" }, { type: "number", exclusiveMinimum: 0, maximum: 1 }], default: { beta: [1, 1] } },
      },
    },
  },
};

function sectionAt(form: Section, pointer: string): Section {
  const all = (section: Section): Section[] => [section, ...section.sections.flatMap(all)];
  const found = all(form).find((section) => section.pointer === pointer);
  if (found === undefined) {
    throw new Error(`no section ${pointer}`);
  }
  return found;
}

test("numbers carry their bounds, default and description", () => {
  const [lr] = sectionAt(formOfSchema(SCHEMA), "/config/optim").fields;
  expect(lr).toMatchObject({ kind: "number", name: "lr", published: 0.001, description: "Learning rate.", isNullable: false });
  expect(boundsText(lr?.bounds ?? { isMinOpen: false, isMaxOpen: false })).toBe("more than 0, at most 10");
});

test("an optional number is a number that may be not set, with its own description", () => {
  const field = sectionAt(formOfSchema(SCHEMA), "/config/optim").fields[1];
  expect(field).toMatchObject({
    kind: "integer",
    isNullable: true,
    published: null,
    description: "Instead of epochs.",
    bounds: { min: 1 },
  });
});

test("booleans become switches, and enums of numbers keep their numbers", () => {
  const [, , nesterov, stride] = sectionAt(formOfSchema(SCHEMA), "/config/optim").fields;
  expect(nesterov?.kind).toBe("switch");
  expect(stride).toMatchObject({ kind: "choice", options: [8, 16] });
});

test("a referenced section keeps the description of the place that names it", () => {
  expect(sectionAt(formOfSchema(SCHEMA), "/config/optim").description).toBe("Optimisation.");
});

test("a choice between an object and a number becomes variants, of which one is the number itself", () => {
  const lambda = sectionAt(formOfSchema(SCHEMA), "/config/lambda");
  expect(lambda.variants.map((variant) => [variant.name, variant.single?.kind])).toEqual([
    ["Blend", undefined],
    ["one number", "number"],
  ]);
  expect(chosenVariant(lambda, 0.3)?.name).toBe("one number");
  expect(chosenVariant(lambda, { beta: [1, 1] })?.name).toBe("Blend");
  expect(lambda.variants.map(startOfVariant)).toEqual([{}, 1]);
});

test("a union with a discriminator becomes variants", () => {
  const ways = ["share", "deadline"].map((kind) => ({ type: "object", title: kind, required: ["kind"], properties: { kind: { const: kind } } }));
  const ending = sectionAt(formOfSchema({ properties: { ending: { oneOf: ways, discriminator: { propertyName: "kind" } } } }), "/ending");
  expect(ending.variants.map(startOfVariant)).toEqual([{ kind: "share" }, { kind: "deadline" }]);
  expect(chosenVariant(ending, { kind: "deadline" })?.name).toBe("deadline");
});

test("lists of numbers or texts have controls of their own, with the bounds of an item and of the list", () => {
  const pair = { type: "array", prefixItems: [{ type: "integer", minimum: 16 }, { type: "integer", minimum: 16 }], minItems: 2, maxItems: 2 };
  const properties = {
    budgets: { type: "array", items: { type: "number", exclusiveMinimum: 0 }, maxItems: 50 },
    size: pair,
    names: { type: "array", items: { type: "string" } },
    steps: { type: "array", items: { type: "array", items: { type: "integer" } } },
  };
  const { fields } = formOfSchema({ properties });
  expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
    ["budgets", "numbers"],
    ["size", "numbers"],
    ["names", "texts"],
    ["steps", "json"],
  ]);
  expect(fields.map(({ length }) => [length.min, length.max])).toEqual([[0, 50], [2, 2], [0, Infinity], [0, Infinity]]);
  expect(fields.map(({ bounds }) => bounds.min)).toEqual([0, 16, undefined, undefined]);
});

test("options are called as the schema says", () => {
  const schema = { type: "string", enum: ["a", "b"], "x-labels": { a: "the first" } };
  expect(formOfSchema({ properties: { letter: schema } }).fields[0]?.optionLabels).toEqual({ a: "the first" });
});

test("a choice between objects becomes variants, told apart by the keys that they must have", () => {
  const dataset = sectionAt(formOfSchema(SCHEMA), "/dataset");
  expect(dataset.variants.map((variant) => variant.name)).toEqual(["FolderDatasetSpec", "WorldDatasetSpec"]);
  expect(chosenVariant(dataset, { world: "objects" })?.name).toBe("WorldDatasetSpec");
  expect(chosenVariant(dataset, undefined)?.name).toBe("FolderDatasetSpec");
});

test("variants with the same keys are told apart by the values that these must have", () => {
  const world = (name: string) => ({ type: "object", title: name, required: ["world"], properties: { world: { const: name } } });
  const schema = { properties: { dataset: { anyOf: [world("objects"), world("streets")] } } };
  const dataset = sectionAt(formOfSchema(schema), "/dataset");
  expect(chosenVariant(dataset, { world: "streets" })?.name).toBe("streets");
  expect(chosenVariant(dataset, { world: "moon" })?.name).toBe("objects");
});

const WORLD = (name: string) => ({
  type: "object",
  title: name,
  required: ["world"],
  properties: { world: { const: name }, seed: { type: "integer", default: 3 }, split: { type: "string", default: "" } },
});
const FOLDER = { type: "object", title: "folder", required: ["root"], properties: { root: { type: "string" } } };

function sourceOf(...more: unknown[]): Section {
  return sectionAt(formOfSchema({ properties: { source: { anyOf: [FOLDER, WORLD("objects"), WORLD("streets"), ...more] } } }), "/source");
}

test("a variant begins with its constants and defaults, so that it is recognised again", () => {
  const source = sourceOf();
  expect(source.variants.map(startOfVariant)).toEqual([
    { root: "" },
    { world: "objects", seed: 3, split: "" },
    { world: "streets", seed: 3, split: "" },
  ]);
  const names = source.variants.map((variant) => chosenVariant(source, startOfVariant(variant))?.name);
  expect(names).toEqual(["folder", "objects", "streets"]);
});

test("a value with a wrong constant has the form whose keys it has", () => {
  expect(chosenVariant(sourceOf(), { world: "" })?.name).toBe("objects");
});

test("where null is allowed, null and nothing stand for no variant", () => {
  const source = sourceOf({ type: "null" });
  expect(source.isNullable).toBe(true);
  expect([null, undefined, {}].map((value) => chosenVariant(source, value)?.name)).toEqual([undefined, undefined, "folder"]);
});

test("constants are no fields, and every other setting and section has a pointer", () => {
  expect(partsOf(formOfSchema(SCHEMA))).toEqual([
    "",
    "/dataset",
    "/dataset/root",
    "/dataset/classes",
    "/config",
    "/config/optim",
    "/config/optim/lr",
    "/config/optim/iterations",
    "/config/optim/nesterov",
    "/config/optim/stride",
    "/config/lambda",
    "/config/lambda/beta",
  ]);
});
