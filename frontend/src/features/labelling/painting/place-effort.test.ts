import { expect, test } from "vitest";

import { PlaceClock } from "./place-effort";
import { placesOf } from "./places";

const PLACES = placesOf(Uint8Array.from([1, 1, 0, 1, 0, 0, 0, 1]), { width: 4, height: 2 });

test("clicks and seconds belong to the place where the pointer was last", () => {
  const clock = new PlaceClock(PLACES, []);
  clock.tick(2); // nowhere yet
  clock.click({ x: 0.5, y: 0.5 });
  clock.tick(5);
  clock.visit({ x: 2.5, y: 1.5 }); // between the places: still at the first
  clock.tick(6);
  clock.click({ x: 3.5, y: 1.5 });
  clock.click({ x: 3.5, y: 0.5 });
  clock.tick(7);
  expect(clock.efforts).toEqual([
    { x: 0, y: 0, clicks: 1, seconds: 4 },
    { x: 3, y: 0, clicks: 2, seconds: 1 },
  ]);
});

test("what was spent before goes on, and untouched places say nothing", () => {
  const clock = new PlaceClock(PLACES, [{ x: 3, y: 1, clicks: 4, seconds: 9 }, { x: 2, y: 1, clicks: 1, seconds: 1 }]);
  clock.click({ x: 3.5, y: 0.5 });
  expect(clock.efforts).toEqual([{ x: 3, y: 0, clicks: 5, seconds: 9 }]);
});
