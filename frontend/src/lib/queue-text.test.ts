import { expect, test } from "vitest";

import { placeText, queueText } from "./queue-text";

test.each([
  [1, "1st of 30"],
  [2, "2nd of 30"],
  [3, "3rd of 30"],
  [11, "11th of 30"],
  [22, "22nd of 30"],
])("place %i is told as an ordinal", (position, text) => {
  expect(placeText({ position, length: 30, seconds: null })).toBe(text);
});

test.each([
  [720, "3rd of 5, starts in about 12 min"],
  [0, "3rd of 5, starts at once"],
  [null, "3rd of 5"],
])("a wait of %s s is told where it is known", (seconds, text) => {
  expect(queueText({ position: 3, length: 5, seconds })).toBe(text);
});
