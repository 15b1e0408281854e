import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { noteServerTime, serverNow } from "./server-clock";

const HOUR_MS = 3_600_000;
const NOON = Date.parse("2026-01-02T12:00:00Z");

beforeEach(() => void vi.useFakeTimers({ now: NOON }));
afterEach(() => void vi.useRealTimers());

test("a browser whose clock is an hour off counts by the clock of the service", () => {
  vi.setSystemTime(NOON - HOUR_MS);
  noteServerTime(new Date(NOON).toUTCString());
  expect(Math.abs(serverNow() - NOON)).toBeLessThan(1000);
  vi.advanceTimersByTime(10_000);
  expect(Math.abs(serverNow() - NOON - 10_000)).toBeLessThan(1000);
});

test("an answer without a time, and the rounding of one, change nothing", () => {
  noteServerTime(new Date(NOON).toUTCString());
  const before = serverNow();
  noteServerTime(null);
  noteServerTime("yesterday");
  noteServerTime(new Date(NOON + 1000).toUTCString());
  expect(serverNow()).toBe(before);
});
