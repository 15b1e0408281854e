import { expect, test } from "vitest";

import { eventText, whoText } from "./trail-words";

const AT = { at: "2026-01-02T03:04:05.000Z", who: "user:ann", message: null };

test("what happened to a query is said in words", () => {
  expect(eventText({ ...AT, what: "moved", state: "in_review", version: null, pixels: null })).toBe("in review");
  expect(eventText({ ...AT, what: "answered", state: null, version: 2, pixels: 1234 })).toBe("answered, version 2, 1,234 pixels");
  expect(eventText({ ...AT, what: "used", state: null, version: 2, pixels: null })).toBe("trained on, version 2");
  expect(["user:ann", "scheduler", "worker:gpu-0"].map(whoText)).toEqual(["ann", "scheduler", "worker:gpu-0"]);
});
