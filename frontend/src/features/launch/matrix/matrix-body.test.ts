import { expect, test } from "vitest";

import { matrixBody, methodsOf, overrideFault, overrideValues } from "./matrix-body";

const DRAFT = { presets: ["eir/demo", "finetune/demo"], seeds: [0, 1], overrides: [], tags: [] };

test("an override is one setting a line, with values of their own type", () => {
  expect(overrideValues("config.memory.size: 12\nconfig.optim.name: sgd\nstream.steps: [[1], [2]]")).toEqual({
    "config.memory.size": 12,
    "config.optim.name": "sgd",
    "stream.steps": [[1], [2]],
  });
  expect(overrideValues("  ")).toEqual({});
});

test("an override without a name, or that is no list of settings, says what is wrong", () => {
  const override = { id: 0, name: "small", text: "", only: [] };
  expect(overrideFault(override)).toBeNull();
  expect(overrideFault({ ...override, name: " " })).toMatch(/give it a name/);
  expect(overrideFault({ ...override, text: "just words" })).toMatch(/one setting a line/);
  expect(overrideFault({ ...override, text: "a: [1" })).toMatch(/^cannot be read/);
});

test("the request has what was typed, and there is none while something is missing", () => {
  const override = { id: 4, name: " small ", text: "config.memory.size: 12", only: ["eir"] };
  expect(matrixBody({ ...DRAFT, overrides: [override], tags: ["paper"] })).toEqual({
    methods: [{ preset: "eir/demo" }, { preset: "finetune/demo" }],
    overrides: [{ name: "small", values: { "config.memory.size": 12 }, only: ["eir"] }],
    seeds: [0, 1],
    tags: ["paper"],
    notes: "",
  });
  expect(matrixBody({ ...DRAFT, seeds: [] })).toBeNull();
  expect(matrixBody({ ...DRAFT, presets: [] })).toBeNull();
  expect(matrixBody({ ...DRAFT, overrides: [{ ...override, name: "" }] })).toBeNull();
});

test("several presets of one method are one method", () => {
  expect(methodsOf(["eir/demo", "eir/voc/15-1", "finetune/demo"])).toEqual(["eir", "finetune"]);
});
