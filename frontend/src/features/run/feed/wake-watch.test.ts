import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { watchWake } from "./wake-watch";

const target = new EventTarget();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
  vi.stubGlobal("removeEventListener", target.removeEventListener.bind(target));
});
afterEach(() => void vi.useRealTimers());

test("a gap in the clock is a sleep, held back timers of a hidden page are none", () => {
  const onWake = vi.fn();
  const end = watchWake(onWake);
  vi.advanceTimersByTime(60_000);
  vi.setSystemTime(Date.now() + 60_000);
  vi.advanceTimersByTime(10_000);
  expect(onWake).not.toHaveBeenCalled();
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(20_000);
  expect(onWake).toHaveBeenCalledTimes(1);
  end();
});

test("a network that comes back wakes, until the watch has ended", () => {
  const onWake = vi.fn();
  const end = watchWake(onWake);
  target.dispatchEvent(new Event("online"));
  end();
  target.dispatchEvent(new Event("online"));
  expect(onWake).toHaveBeenCalledTimes(1);
});
