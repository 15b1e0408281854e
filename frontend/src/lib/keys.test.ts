import { expect, test } from "vitest";

import { keyName, keyNames, type KeyPress } from "./keys";

function press(key: string, code: string, modifiers: Partial<KeyPress> = {}): KeyPress {
  return { key, code, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...modifiers };
}

test("Caps Lock changes nothing: only Shift makes another key", () => {
  expect(keyName(press("a", "KeyA"))).toBe("a");
  expect(keyName(press("A", "KeyA"))).toBe("a");
  expect(keyName(press("a", "KeyA", { shiftKey: true }))).toBe("shift+a");
  expect(keyName(press("A", "KeyA", { shiftKey: true }))).toBe("shift+a");
});

test("a letter of another script is the Latin letter of the same key", () => {
  expect(keyName(press("ф", "KeyA"))).toBe("a");
  expect(keyName(press("Ф", "KeyA", { shiftKey: true }))).toBe("shift+a");
  expect(keyName(press("ש", "KeyA"))).toBe("a");
  expect(keyName(press("α", "KeyA"))).toBe("a");
});

test("a Latin letter counts as it is printed, wherever its key is", () => {
  expect(keyName(press("a", "KeyQ"))).toBe("a");
});

test("a sign counts as it is printed, with or without Shift, and never as the letter beside it", () => {
  expect(keyName(press("/", "Digit7", { shiftKey: true }))).toBe("/");
  expect(keyName(press("?", "Slash", { shiftKey: true }))).toBe("?");
  expect(keyName(press("'", "KeyQ"))).toBe("'");
  expect(keyName(press("ü", "BracketLeft"))).toBe("ü");
});

test("Control and Command are one key to the pages, and no single key acts with them", () => {
  expect(keyName(press("Enter", "Enter", { ctrlKey: true }))).toBe("mod+Enter");
  expect(keyName(press("Enter", "Enter", { metaKey: true }))).toBe("mod+Enter");
  expect(keyName(press("c", "KeyC", { ctrlKey: true }))).toBe("mod+c");
  expect(keyName(press("n", "KeyN", { altKey: true }))).toBe("alt+n");
});

test("digits, brackets and commas are reached by their place on keyboards that print other signs there", () => {
  expect(keyNames(press("&", "Digit1"))).toEqual(["&", "1"]);
  expect(keyNames(press("х", "BracketLeft"))).toEqual(["х", "["]);
  expect(keyNames(press("б", "Comma"))).toEqual(["б", ","]);
  expect(keyNames(press("1", "Digit1", { shiftKey: true }))).toEqual(["1"]);
  expect(keyNames(press("[", "BracketLeft"))).toEqual(["["]);
});

test("a sign that is typed with AltGr has no modifier", () => {
  const altGr = { ctrlKey: true, altKey: true, getModifierState: (name: string) => name === "AltGraph" };
  expect(keyNames(press("[", "Digit8", altGr))).toEqual(["[", "8"]);
});
