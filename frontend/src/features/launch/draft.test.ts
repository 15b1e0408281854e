import { expect, test } from "vitest";

import { changedDraft, draftOf, valueOfField } from "./draft";
import type { Field } from "./schema-form";

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
};

test("a change in the form is there in the text", () => {
  const draft = changedDraft(draftOf(START), { type: "set", pointer: "/config/optim/lr", value: 0.5 });
  expect(draft.text).toContain("lr: 0.5");
});

test("a change in the text is there in the form, as YAML or as JSON", () => {
  const yaml = changedDraft(draftOf(START), { type: "write", text: "method: eir\nconfig: {optim: {lr: 2}}" });
  const json = changedDraft(draftOf(START), { type: "write", text: '{"method": "eir", "config": {"optim": {"lr": 3}}}' });
  expect([valueOfField(yaml, null, FIELD), valueOfField(json, null, FIELD)]).toEqual([2, 3]);
});

test("text that cannot be read keeps the last document and says why", () => {
  const draft = changedDraft(draftOf(START), { type: "write", text: "method: [eir" });
  expect(draft.document).toEqual(START);
  expect(draft.textFault).not.toBeNull();
});

test("a list is no experiment document", () => {
  expect(changedDraft(draftOf(START), { type: "write", text: "- eir" }).textFault).toBe(
    "a mapping with method, dataset, stream is expected",
  );
});

test("a field that the document leaves out stands at its preset's value, else at the published one", () => {
  const empty = draftOf({ method: "eir" });
  expect(valueOfField(empty, { config: { optim: { lr: 0.2 } } }, FIELD)).toBe(0.2);
  expect(valueOfField(empty, null, FIELD)).toBe(0.001);
});
