/** Which part of every picture is in view: how much it is enlarged, and where the view begins, as shares of the picture. */
export interface ZoomView {
  scale: number;
  left: number;
  top: number;
}

/** A place within a tile, as shares of its width and height. */
export interface TilePlace {
  x: number;
  y: number;
}

export const WHOLE: ZoomView = { scale: 1, left: 0, top: 0 };
const MOST_SCALE = 32;

/** Enlarges by a factor; what lies at the place stays there. */
export function zoomedAt({ scale, left, top }: ZoomView, factor: number, { x, y }: TilePlace): ZoomView {
  const next = Math.min(MOST_SCALE, Math.max(1, scale * factor));
  return within({ scale: next, left: left + x / scale - x / next, top: top + y / scale - y / next });
}

/** Moves the pictures with the pointer, by shares of a tile. */
export function panned({ scale, left, top }: ZoomView, { x, y }: TilePlace): ZoomView {
  return within({ scale, left: left - x / scale, top: top - y / scale });
}

/** How a whole picture is laid so that only the view is in its tile. */
export function transformOf({ scale, left, top }: ZoomView): string {
  return `scale(${scale}) translate(${-100 * left}%, ${-100 * top}%)`;
}

function within({ scale, left, top }: ZoomView): ZoomView {
  const last = 1 - 1 / scale;
  return { scale, left: Math.min(last, Math.max(0, left)), top: Math.min(last, Math.max(0, top)) };
}
