import { expect, test } from "vitest";

import { COMMAND_NAMES, COMMANDS } from "./commands";
import { bindingsOf, classAction, keyLabel, refusalOf, withKey } from "./key-bindings";

const CLASSES = Array.from({ length: 19 }, (_, index) => ({ name: `class ${index}` }));

test("every command has a key of its own, and so have the classes as far as keys go", () => {
  const keys = COMMAND_NAMES.map((command) => COMMANDS[command][2]);
  expect(new Set(keys).size).toBe(keys.length);
  const { keys: given } = bindingsOf({}, CLASSES);
  expect(COMMAND_NAMES.filter((command) => !given.has(command))).toEqual([]);
  expect(CLASSES.slice(0, 16).map(({ name }) => given.get(classAction(name))).join("")).toBe("1234567890dgjlqy");
  expect(given.get("class:class 18")).toBeUndefined();
});

test("a key that is given away leaves what had it, and comes back with the reset", () => {
  const before = bindingsOf({}, CLASSES);
  const changes = withKey({}, before, "tool.brush", "e");
  const after = bindingsOf(changes, CLASSES);
  expect(after.actions.get("e")).toBe("tool.brush");
  expect(after.keys.has("tool.eraser")).toBe(false);
  expect(after.actions.get("b")).toBeUndefined();
});

test("a class takes a key from a command, and a command one from a class", () => {
  const toClass = bindingsOf(withKey({}, bindingsOf({}, CLASSES), "class:class 18", "b"), CLASSES);
  expect([toClass.actions.get("b"), toClass.keys.has("tool.brush")]).toEqual(["class:class 18", false]);
  const toCommand = bindingsOf(withKey({}, bindingsOf({}, CLASSES), "tool.fill", "1"), CLASSES);
  expect([toCommand.actions.get("1"), toCommand.keys.has("class:class 0")]).toEqual(["tool.fill", false]);
  expect(toCommand.keys.get("class:class 1")).toBe("2");
});

test("a further key of a command is free for others", () => {
  expect(bindingsOf({}, CLASSES).actions.get("=")).toBe("view.in");
  const changed = bindingsOf(withKey({}, bindingsOf({}, CLASSES), "view.fit", "="), CLASSES);
  expect([changed.actions.get("="), changed.keys.get("view.in")]).toEqual(["view.fit", "+"]);
});

test("what is kept by an older page harms nothing", () => {
  expect(bindingsOf({ "tool.gone": "b" }, CLASSES).actions.get("b")).toBe("tool.brush");
});

test.each([
  ["shift+z", "⇧Z"],
  ["mod+Enter", "Ctrl Enter"],
  ["mod+shift+z", "Ctrl ⇧Z"],
  [" ", "Space"],
  ["+", "+"],
  ["[", "["],
  ["", ""],
])("the key %s is called %s", (key, label) => expect(keyLabel(key)).toBe(label));

test("fixed keys and lone modifiers are not given away", () => {
  expect(refusalOf("Enter")).toContain("keeps its meaning");
  expect(refusalOf("shift+Shift")).toBe("");
  expect(refusalOf("mod+Control")).toBe("");
  expect(refusalOf("shift+q")).toBeNull();
});
