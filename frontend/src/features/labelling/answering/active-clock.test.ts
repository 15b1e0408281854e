import { expect, test } from "vitest";

import { ActiveClock } from "./active-clock";

test("time counts while the page is seen, and not while it is hidden", () => {
  const clock = new ActiveClock(0);
  clock.tick(10_000, true);
  clock.tick(40_000, false);
  clock.tick(45_000, true);
  expect(clock.seconds).toBe(15);
});

test("a minute after the last sign of life the clock stands, until the next one", () => {
  const clock = new ActiveClock(0);
  clock.tick(50_000, true);
  clock.tick(90_000, true);
  clock.tick(200_000, true);
  expect(clock.seconds).toBe(60);
  clock.sign(200_000);
  clock.tick(205_000, true);
  expect(clock.seconds).toBe(65);
});
