import { describe, expect, it } from "vitest";

import type { Point } from "./rect";
import { type TouchActs, Touches } from "./touches";

/** Touches whose acts are written down in words. */
function written() {
  const told: string[] = [];
  const at = ({ x, y }: Point) => `${x},${y}`;
  const acts: TouchActs = {
    press: (place) => told.push(`press ${at(place)}`),
    move: (place) => told.push(`move ${at(place)}`),
    release: (place) => told.push(`release ${at(place)}`),
    drop: () => told.push("drop"),
    pinch: (from, to, factor) => told.push(`pinch ${at(from)} ${at(to)} ${factor}`),
  };
  const touches = new Touches();
  return {
    told,
    down: (finger: number, x: number, y: number) => touches.down(finger, { x, y }, acts),
    move: (finger: number, x: number, y: number, scale = 1) => touches.move(finger, { x, y }, scale, acts),
    up: (finger: number, x: number, y: number) => touches.up(finger, { x, y }, acts),
    cancel: (finger: number) => touches.cancel(finger, acts),
  };
}

describe("Touches", () => {
  it("draws with one finger, from where it went down", () => {
    const hand = written();
    hand.down(1, 10, 10);
    hand.move(1, 12, 10);
    hand.move(1, 30, 10);
    hand.move(1, 40, 10);
    hand.up(1, 41, 10);
    expect(hand.told).toEqual(["press 10,10", "move 30,10", "move 40,10", "release 41,10"]);
  });

  it("takes a tap that trembles for one press", () => {
    const hand = written();
    hand.down(1, 10, 10);
    hand.move(1, 15, 11, 2);
    hand.up(1, 15, 11);
    expect(hand.told).toEqual(["press 10,10", "release 15,11"]);
  });

  it("zooms and pans with two fingers and paints nothing", () => {
    const hand = written();
    hand.down(1, 100, 100);
    hand.down(2, 200, 100);
    hand.move(2, 300, 100);
    hand.up(2, 300, 100);
    hand.move(1, 0, 0);
    hand.up(1, 0, 0);
    expect(hand.told).toEqual(["pinch 150,100 200,100 2"]);
  });

  it("takes a stroke back when a second finger follows, and draws again when all were lifted", () => {
    const hand = written();
    hand.down(1, 0, 0);
    hand.move(1, 20, 0);
    hand.down(2, 50, 50);
    hand.up(1, 20, 0);
    hand.up(2, 50, 50);
    hand.down(3, 5, 5);
    hand.up(3, 5, 5);
    expect(hand.told).toEqual(["press 0,0", "move 20,0", "drop", "press 5,5", "release 5,5"]);
  });

  it("takes a stroke back when the system takes the finger", () => {
    const hand = written();
    hand.down(1, 0, 0);
    hand.move(1, 20, 0);
    hand.cancel(1);
    hand.move(1, 40, 0);
    hand.up(1, 40, 0);
    expect(hand.told).toEqual(["press 0,0", "move 20,0", "drop"]);
  });
});
