import { expect, test } from "vitest";

import { changedDraft, draftOf, valueOfField } from "./draft";
import type { Field } from "./schema-field";

const START = { method: "eir", config: { optim: { lr: 0.01 } } };
const FIELD: Field = {
  kind: "number",
  pointer: "/config/optim/lr",
  name: "lr",
  description: "",
  published: 0.001,
  isNullable: false,
  options: [],
  bounds: { isMinOpen: false, isMaxOpen: false },
  isSplit: false,
  optionLabels: {},
  optionPlaces: {},
  length: { min: 0, max: Infinity },
};

test("a change in the form is there in the text", () => {
  const draft = changedDraft(draftOf(START), { type: "set", pointer: "/config/optim/lr", value: 0.5 });
  expect(draft.text).toContain("lr: 0.5");
});

test("a change in the form leaves comments and order of the text as they are", () => {
  const typed = changedDraft(draftOf(START), {
    type: "write",
    text: "# mine\nconfig:\n  optim: {lr: 1} # low\nmethod: eir\n",
  });
  const draft = changedDraft(typed, { type: "set", pointer: "/config/optim/lr", value: 2 });
  expect(draft.text).toBe("# mine\nconfig:\n  optim: {lr: 2} # low\nmethod: eir\n");
});

test("a setting below a key that the text leaves empty is written all the same", () => {
  const typed = changedDraft(draftOf(START), { type: "write", text: "method: eir\nconfig:\n" });
  const draft = changedDraft(typed, { type: "set", pointer: "/config/optim/lr", value: 2 });
  expect(draft.document).toEqual({ method: "eir", config: { optim: { lr: 2 } } });
  expect(changedDraft(draft, { type: "write", text: draft.text }).document).toEqual(draft.document);
});

test("a removed key is gone from both", () => {
  const draft = changedDraft(draftOf(START), { type: "set", pointer: "/config", value: undefined });
  expect(draft).toMatchObject({ document: { method: "eir" }, text: "method: eir\n" });
});

test("a step is written on one line", () => {
  const draft = changedDraft(draftOf(START), { type: "set", pointer: "/stream", value: { steps: [[1, 2], [3]] } });
  expect(draft.text).toContain("  steps:\n    - [1, 2]\n    - [3]\n");
});

test("a change in the text is there in the form, as YAML or as JSON", () => {
  const yaml = changedDraft(draftOf(START), { type: "write", text: "method: eir\nconfig: {optim: {lr: 2}}" });
  const json = changedDraft(draftOf(START), { type: "write", text: '{"method": "eir", "config": {"optim": {"lr": 3}}}' });
  expect([valueOfField(yaml, null, FIELD), valueOfField(json, null, FIELD)]).toEqual([2, 3]);
});

test("text that cannot be read keeps the last document and says why and in which line", () => {
  const draft = changedDraft(draftOf(START), { type: "write", text: "method: eir\nconfig: [1" });
  expect(draft.document).toEqual(START);
  expect(draft.textFault).toMatchObject({ line: 2 });
  expect(draft.textFault?.message).not.toMatch(/line/);
});

test("a key that is there twice is a fault of the text", () => {
  expect(changedDraft(draftOf(START), { type: "write", text: "method: eir\nmethod: dkd" }).textFault?.line).toBe(2);
});

test("aliases that unfold without end are a fault and not a frozen page", () => {
  const lines = Array.from({ length: 20 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}, *a${level}]`);
  const draft = changedDraft(draftOf(START), { type: "write", text: ["a0: &a0 [1]", ...lines].join("\n") });
  expect(draft.textFault?.message).toMatch(/alias/i);
});

test("text given up leads back to the last document that could be read", () => {
  const broken = changedDraft(draftOf(START), { type: "write", text: "method: [eir" });
  expect(changedDraft(broken, { type: "discard" })).toEqual(draftOf(START));
});

test("a list is no experiment document", () => {
  expect(changedDraft(draftOf(START), { type: "write", text: "- eir" }).textFault).toEqual({
    message: "a mapping with method, dataset, stream is expected",
    line: null,
  });
});

test("a field that the document leaves out stands at its preset's value, else at the published one", () => {
  const empty = draftOf({ method: "eir" });
  expect(valueOfField(empty, { config: { optim: { lr: 0.2 } } }, FIELD)).toBe(0.2);
  expect(valueOfField(empty, null, FIELD)).toBe(0.001);
});
