import type { Point } from "./rect";

/** Pixels of the page that a finger may tremble before it draws. */
const TREMBLE_PX = 6;

/** What fingers on the canvas do; all places are device pixels of the screen. */
export interface TouchActs {
  press: (place: Point) => void;
  move: (place: Point) => void;
  release: (place: Point) => void;
  /** Take back what the stroke that is under way has done. */
  drop: () => void;
  /** Two fingers moved: the middle between them from `from` to `to`, their distance by `factor`. */
  pinch: (from: Point, to: Point, factor: number) => void;
}

/** Tells strokes of one finger from the pinch of two.
 *
 * The first finger paints only when it moves or is lifted, since a second one may follow. After a pinch nothing is
 * painted until all fingers are lifted.
 */
export class Touches {
  private readonly fingers = new Map<number, Point>();
  private doing: "nothing" | "waiting" | "stroke" | "pinch" = "nothing";
  private begun: Point = { x: 0, y: 0 };

  /** A finger goes down. */
  down(finger: number, place: Point, acts: TouchActs): void {
    if (this.doing === "stroke") {
      acts.drop();
    }
    this.doing = this.fingers.size === 0 ? "waiting" : "pinch";
    this.begun = place;
    this.fingers.set(finger, place);
  }

  /** A finger moves; `scale` device pixels are one pixel of the page. */
  move(finger: number, place: Point, scale: number, acts: TouchActs): void {
    if (!this.fingers.has(finger)) {
      return;
    }
    const before = this.grip();
    this.fingers.set(finger, place);
    const after = this.grip();
    if (this.doing === "pinch" && before !== null && after !== null) {
      acts.pinch(before.middle, after.middle, after.distance / before.distance);
    } else if (this.doing === "stroke") {
      acts.move(place);
    } else if (this.doing === "waiting" && distance(this.begun, place) > TREMBLE_PX * scale) {
      this.doing = "stroke";
      acts.press(this.begun);
      acts.move(place);
    }
  }

  /** A finger is lifted. */
  up(finger: number, place: Point, acts: TouchActs): void {
    if (!this.fingers.delete(finger)) {
      return;
    }
    if (this.doing === "waiting") {
      acts.press(this.begun);
    }
    if (this.doing === "waiting" || this.doing === "stroke") {
      acts.release(place);
    }
    this.rest();
  }

  /** The system took a finger away, for a gesture of its own. */
  cancel(finger: number, acts: TouchActs): void {
    if (this.fingers.delete(finger) && this.doing === "stroke") {
      acts.drop();
    }
    this.rest();
  }

  private rest(): void {
    this.doing = this.fingers.size === 0 ? "nothing" : "pinch";
  }

  /** The middle and the distance of the first two fingers; null with fewer. */
  private grip(): { middle: Point; distance: number } | null {
    const [one, other] = this.fingers.values();
    if (one === undefined || other === undefined) {
      return null;
    }
    return { middle: { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 }, distance: Math.max(1, distance(one, other)) };
  }
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
