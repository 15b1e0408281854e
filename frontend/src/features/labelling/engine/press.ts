import type { Point } from "./rect";

/** A drag shorter than this, in pixels of the screen, is a click. */
export const LEAST_DRAG_PX = 5;

/** A button that is down: a click so far, or a box once the pointer has gone far enough. */
export class Press {
  private dragged: Point | null = null;

  /** @param scale pixels of the screen that a pixel of the image takes. */
  constructor(
    readonly place: Point,
    readonly isPositive: boolean,
    private readonly scale: number,
  ) {}

  move(place: Point): void {
    const distance = Math.hypot(place.x - this.place.x, place.y - this.place.y) * this.scale;
    this.dragged = this.dragged !== null || distance >= LEAST_DRAG_PX ? place : null;
  }

  get box(): readonly [Point, Point] | null {
    return this.dragged === null ? null : [this.place, this.dragged];
  }
}
