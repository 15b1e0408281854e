import type { Point, Rect } from "./rect";
import type { Size } from "./viewport";

/** Where an image lies in the square view of a model: in its upper left corner, `rows` and `columns` of the view large. */
export interface ImageFit extends Size {
  /** Side of the view. */
  side: number;
  rows: number;
  columns: number;
}

/** Pixels of an image, within a rectangle. */
export interface Cut {
  rect: Rect;
  /** 1 on the object, row by row of the rectangle. */
  bits: Uint8Array;
}

/** The centre of a pixel of the image in pixels of the view, whose centres are whole numbers too. */
export function toView({ width, height, rows, columns }: ImageFit, { x, y }: Point): Point {
  return { x: ((x + 0.5) * columns) / width - 0.5, y: ((y + 0.5) * rows) / height - 0.5 };
}

/** The pixels of the image whose bilinear logit is above 0; null where none is.
 *
 * @param logits row by row, over the whole view.
 */
export function cutOf(logits: Float32Array, { width, height, side, rows, columns }: ImageFit): Cut | null {
  const cells = Math.round(Math.sqrt(logits.length));
  const marked = markedCells(logits, cells);
  if (marked === null) {
    return null;
  }
  const across = samplesOf(width, (columns / side) * cells, cells, marked.left, marked.right);
  const down = samplesOf(height, (rows / side) * cells, cells, marked.top, marked.bottom);
  const rect = { left: across.start, top: down.start, right: across.start + across.count, bottom: down.start + down.count };
  const bits = new Uint8Array(across.count * down.count);
  const line = new Float32Array(cells);
  let isEmpty = true;
  for (let row = 0; row < down.count; row++) {
    mixRow(logits, cells, down, row, line);
    const at = row * across.count;
    for (let column = 0; column < across.count; column++) {
      const [one, other, weight] = [line[across.first[column] ?? 0] ?? 0, line[across.second[column] ?? 0] ?? 0, across.weight[column] ?? 0];
      if (one + (other - one) * weight > 0) {
        bits[at + column] = 1;
        isEmpty = false;
      }
    }
  }
  return isEmpty ? null : { rect, bits };
}

/** Emit the rows of a cut. */
export function cutSpans({ rect, bits }: Cut, emit: (row: number, left: number, right: number) => void): void {
  const across = rect.right - rect.left;
  for (let row = rect.top; row < rect.bottom; row++) {
    const at = (row - rect.top) * across;
    let from = -1;
    for (let column = 0; column <= across; column++) {
      const is = column < across && bits[at + column] === 1;
      if (is && from < 0) {
        from = column;
      } else if (!is && from >= 0) {
        emit(row, rect.left + from, rect.left + column);
        from = -1;
      }
    }
  }
}

interface Samples {
  /** First pixel and number of pixels. */
  start: number;
  count: number;
  /** For each pixel the two cells that it lies between, and how near it is to the second. */
  first: Int32Array;
  second: Int32Array;
  weight: Float32Array;
}

/** Samples of the pixels of one axis that a range of cells reaches. */
function samplesOf(length: number, covered: number, cells: number, from: number, end: number): Samples {
  const step = covered / length;
  const start = Math.min(length - 1, Math.max(0, Math.floor((from - 0.5) / step - 0.5)));
  const stop = Math.min(length, Math.max(start + 1, Math.ceil((end + 0.5) / step + 0.5)));
  const count = stop - start;
  const samples = { start, count, first: new Int32Array(count), second: new Int32Array(count), weight: new Float32Array(count) };
  for (let at = 0; at < count; at++) {
    const place = Math.min(cells - 1, Math.max(0, (start + at + 0.5) * step - 0.5));
    const first = Math.floor(place);
    samples.first[at] = first;
    samples.second[at] = Math.min(first + 1, cells - 1);
    samples.weight[at] = place - first;
  }
  return samples;
}

function mixRow(logits: Float32Array, cells: number, down: Samples, row: number, line: Float32Array): void {
  const [one, other] = [(down.first[row] ?? 0) * cells, (down.second[row] ?? 0) * cells];
  const weight = down.weight[row] ?? 0;
  for (let cell = 0; cell < cells; cell++) {
    const value = logits[one + cell] ?? 0;
    line[cell] = value + ((logits[other + cell] ?? 0) - value) * weight;
  }
}

/** The cells above 0: a pixel can lie above 0 only next to one of them. */
function markedCells(logits: Float32Array, cells: number): Rect | null {
  const found = { left: cells, top: cells, right: -1, bottom: -1 };
  for (let at = 0; at < logits.length; at++) {
    if ((logits[at] ?? 0) > 0) {
      const [column, row] = [at % cells, Math.floor(at / cells)];
      found.left = Math.min(found.left, column);
      found.right = Math.max(found.right, column + 1);
      found.top = Math.min(found.top, row);
      found.bottom = Math.max(found.bottom, row + 1);
    }
  }
  return found.right < 0 ? null : found;
}
