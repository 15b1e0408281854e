import type { Component } from "../engine/components";
import type { Point } from "../engine/rect";
import { placeAt } from "./places";

/** What one queried place took; named by one of its pixels. */
export interface PlaceEffort {
  x: number;
  y: number;
  clicks: number;
  seconds: number;
}

/** Counts clicks and active seconds of each queried place (AL-2): they belong to the one that the pointer was in last. */
export class PlaceClock {
  private readonly spent: { clicks: number; seconds: number }[];
  private current: number | null = null;
  private counted = 0;

  /** @param before what was spent earlier, as the service has it. */
  constructor(
    private readonly places: readonly Component[],
    before: readonly PlaceEffort[],
  ) {
    this.spent = places.map(() => ({ clicks: 0, seconds: 0 }));
    before.forEach(({ x, y, clicks, seconds }) => {
      const place = this.indexAt({ x, y });
      if (place !== null) {
        this.spent[place] = { clicks, seconds };
      }
    });
  }

  /** The pointer is here. */
  visit(point: Point): void {
    this.current = this.indexAt(point) ?? this.current;
  }

  /** A press at a point. */
  click(point: Point): void {
    this.visit(point);
    const spent = this.current === null ? undefined : this.spent[this.current];
    if (spent !== undefined) {
      spent.clicks++;
    }
  }

  /** So many active seconds have passed since the page was opened. */
  tick(seconds: number): void {
    const spent = this.current === null ? undefined : this.spent[this.current];
    if (spent !== undefined) {
      spent.seconds += Math.max(0, seconds - this.counted);
    }
    this.counted = seconds;
  }

  /** What was spent so far, of places that took anything. */
  get efforts(): PlaceEffort[] {
    return this.places.flatMap(({ runs: [run] }, index) => {
      const { clicks, seconds } = this.spent[index] ?? { clicks: 0, seconds: 0 };
      return run === undefined || clicks + seconds === 0 ? [] : [{ x: run.left, y: run.row, clicks, seconds }];
    });
  }

  private indexAt(point: Point): number | null {
    const place = placeAt(this.places, point);
    return place === undefined ? null : this.places.indexOf(place);
  }
}
