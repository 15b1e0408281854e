import type { Emit, Point } from "./rect";

/** Emit the rows of a polygon, closed by itself; where it crosses itself, every second part is inside.
 *
 * A pixel belongs to it when its middle does.
 */
export function polygonSpans(corners: readonly Point[], emit: Emit): void {
  const rows = corners.map((corner) => corner.y);
  const [top, bottom] = [Math.ceil(Math.min(...rows) - 0.5), Math.floor(Math.max(...rows) - 0.5)];
  for (let row = top; row <= bottom; row++) {
    const crossings = crossingsAt(corners, row + 0.5);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      emit(row, Math.ceil((crossings[pair] ?? 0) - 0.5), Math.ceil((crossings[pair + 1] ?? 0) - 0.5));
    }
  }
}

/** Emit the rows of the rectangle between two places, of which each is anywhere in its corner pixel. */
export function rectangleSpans(one: Point, other: Point, emit: Emit): void {
  const [left, right] = [Math.floor(Math.min(one.x, other.x)), Math.floor(Math.max(one.x, other.x)) + 1];
  for (let row = Math.floor(Math.min(one.y, other.y)); row <= Math.floor(Math.max(one.y, other.y)); row++) {
    emit(row, left, right);
  }
}

/** Columns at which the edges cross a line of constant y, from left to right. */
function crossingsAt(corners: readonly Point[], y: number): number[] {
  const crossings: number[] = [];
  corners.forEach((one, index) => {
    const other = corners[(index + 1) % corners.length] ?? one;
    if (one.y <= y !== other.y <= y) {
      crossings.push(one.x + ((y - one.y) / (other.y - one.y)) * (other.x - one.x));
    }
  });
  return crossings.sort((left, right) => left - right);
}
