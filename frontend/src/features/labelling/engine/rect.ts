/** A rectangle of pixels; right and bottom lie outside. */
export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A place in an image or on a screen; the pixel in column 3 reaches from 3 to 4. */
export interface Point {
  x: number;
  y: number;
}

/** Takes the pixels of one row from `left` up to, and without, `right`. */
export type Emit = (row: number, left: number, right: number) => void;

/** Whether a rectangle has no pixel. */
export function isEmpty(rect: Rect): boolean {
  return rect.right <= rect.left || rect.bottom <= rect.top;
}

/** The smallest rectangle that holds both; null is no rectangle. */
export function union(one: Rect | null, other: Rect | null): Rect | null {
  if (one === null || other === null) {
    return one ?? other;
  }
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}

/** What two rectangles share; it may be empty. */
export function intersection(one: Rect, other: Rect): Rect {
  return {
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  };
}

/** A rectangle with a margin on each side. */
export function inflated(rect: Rect, margin: number): Rect {
  return { left: rect.left - margin, top: rect.top - margin, right: rect.right + margin, bottom: rect.bottom + margin };
}
