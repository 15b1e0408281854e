import { expect, test } from "vitest";

import { childPointer, isWithin, pointerParts, valueAt, withValueAt } from "./json-pointer";

test("a pointer's escapes survive there and back", () => {
  expect(pointerParts(childPointer("/config", "a/b~c"))).toEqual(["config", "a/b~c"]);
  expect(pointerParts("")).toEqual([]);
});

test("a value is found below objects and lists, and missing ones are undefined", () => {
  const root = { stream: { steps: [[1, 2], [3]] } };
  expect(valueAt(root, "/stream/steps/1/0")).toBe(3);
  expect(valueAt(root, "/stream/setting/x")).toBeUndefined();
});

test("setting a value copies the way to it and leaves the original alone", () => {
  const root = { config: { optim: { epochs: 3 } } };
  expect(withValueAt(root, "/config/memory/size", 60)).toEqual({ config: { optim: { epochs: 3 }, memory: { size: 60 } } });
  expect(root).toEqual({ config: { optim: { epochs: 3 } } });
});

test("setting undefined removes the key", () => {
  expect(withValueAt({ a: { b: 1, c: 2 } }, "/a/b", undefined)).toEqual({ a: { c: 2 } });
});

test("a sibling whose name begins alike is not within", () => {
  expect([isWithin("/optim/lr", "/optim"), isWithin("/optimal", "/optim"), isWithin("/optim", "/optim")]).toEqual([
    true,
    false,
    true,
  ]);
});
