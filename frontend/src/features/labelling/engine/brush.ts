import type { Emit, Point } from "./rect";

export interface Brush {
  shape: "round" | "square";
  /** Diameter or side in pixels, 1 to 500. */
  size: number;
}

export const MAX_BRUSH_PX = 500;

/** The place that a brush takes under a pointer: the middle of a pixel, or a corner for an even size. */
export function brushCentre({ size }: Brush, { x, y }: Point): Point {
  return size % 2 === 1 ? { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5 } : { x: Math.round(x), y: Math.round(y) };
}

/** Emit the rows that a brush covers on its straight way between two places: without gaps, however fast it goes.
 *
 * A pixel belongs to it when its middle does. The smallest brush is one pixel, and its way is one pixel thick.
 */
export function brushSpans(brush: Brush, from: Point, to: Point, emit: Emit): void {
  const [start, end] = [brushCentre(brush, from), brushCentre(brush, to)];
  if (brush.size === 1) {
    thinLine(start, end, emit);
    return;
  }
  const half = brush.size / 2;
  const extent = brush.shape === "round" ? roundExtent : squareExtent;
  const [top, bottom] = [Math.min(start.y, end.y) - half, Math.max(start.y, end.y) + half];
  for (let row = Math.ceil(top - 0.5); row + 0.5 <= bottom; row++) {
    const found = extent(start, end, half, row + 0.5);
    if (found !== null) {
      emit(row, Math.ceil(found.left - 0.5), Math.floor(found.right - 0.5) + 1);
    }
  }
}

interface Extent {
  left: number;
  right: number;
}

function joined(one: Extent | null, other: Extent | null): Extent | null {
  if (one === null || other === null) {
    return one ?? other;
  }
  return { left: Math.min(one.left, other.left), right: Math.max(one.right, other.right) };
}

/** Where a row cuts a disc that was drawn along a line: both ends, and the band between them. */
function roundExtent(from: Point, to: Point, radius: number, y: number): Extent | null {
  const ends = joined(discExtent(from, radius, y), discExtent(to, radius, y));
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length === 0) {
    return ends;
  }
  const across = { x: (-(to.y - from.y) / length) * radius, y: ((to.x - from.x) / length) * radius };
  const corners = [
    { x: from.x + across.x, y: from.y + across.y },
    { x: to.x + across.x, y: to.y + across.y },
    { x: to.x - across.x, y: to.y - across.y },
    { x: from.x - across.x, y: from.y - across.y },
  ];
  return joined(ends, convexExtent(corners, y));
}

function discExtent({ x, y }: Point, radius: number, row: number): Extent | null {
  const squared = radius * radius - (row - y) ** 2;
  return squared < 0 ? null : { left: x - Math.sqrt(squared), right: x + Math.sqrt(squared) };
}

function convexExtent(corners: readonly Point[], y: number): Extent | null {
  let found: Extent | null = null;
  corners.forEach((one, index) => {
    const other = corners[(index + 1) % corners.length] ?? one;
    if ((one.y <= y && other.y >= y) || (one.y >= y && other.y <= y)) {
      const share = one.y === other.y ? 0 : (y - one.y) / (other.y - one.y);
      const x = one.x + share * (other.x - one.x);
      found = joined(found, { left: x, right: one.y === other.y ? other.x : x });
      found = one.y === other.y ? joined(found, { left: other.x, right: x }) : found;
    }
  });
  return found;
}

/** Where a row cuts a square that was drawn along a line. */
function squareExtent(from: Point, to: Point, half: number, y: number): Extent | null {
  const rise = to.y - from.y;
  if (rise === 0) {
    return { left: Math.min(from.x, to.x) - half, right: Math.max(from.x, to.x) + half };
  }
  const shares = [(y - half - from.y) / rise, (y + half - from.y) / rise].map((share) => Math.min(1, Math.max(0, share)));
  const places = shares.map((share) => from.x + share * (to.x - from.x));
  return { left: Math.min(...places) - half, right: Math.max(...places) + half };
}

/** Bresenham's line between the middles of two pixels. */
function thinLine(from: Point, to: Point, emit: Emit): void {
  const [endX, endY] = [Math.floor(to.x), Math.floor(to.y)];
  let [x, y] = [Math.floor(from.x), Math.floor(from.y)];
  const [across, down] = [Math.abs(endX - x), -Math.abs(endY - y)];
  const [stepX, stepY] = [x < endX ? 1 : -1, y < endY ? 1 : -1];
  let error = across + down;
  for (;;) {
    emit(y, x, x + 1);
    if (x === endX && y === endY) {
      return;
    }
    const doubled = 2 * error;
    if (doubled >= down) {
      error += down;
      x += stepX;
    }
    if (doubled <= across) {
      error += across;
      y += stepY;
    }
  }
}
