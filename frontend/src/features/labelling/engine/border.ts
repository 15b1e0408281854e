import type { Size } from "./viewport";

/** Takes a line between two corners of pixels. */
export type EmitLine = (fromX: number, fromY: number, toX: number, toY: number) => void;

/** Emit the lines between pixels that are inside and such that are not, each as long as it is straight.
 *
 * @param inside not 0 where a pixel is inside; what lies beyond the border of the image is outside.
 */
export function borderLines(inside: Uint8Array, { width, height }: Size, emit: EmitLine): void {
  for (let row = 0; row <= height; row++) {
    const differs = (column: number) => at(inside, row - 1, column, width, height) !== at(inside, row, column, width, height);
    runs(width, differs, (from, to) => emit(from, row, to, row));
  }
  for (let column = 0; column <= width; column++) {
    const differs = (row: number) => at(inside, row, column - 1, width, height) !== at(inside, row, column, width, height);
    runs(height, differs, (from, to) => emit(column, from, column, to));
  }
}

function at(inside: Uint8Array, row: number, column: number, width: number, height: number): boolean {
  return row >= 0 && row < height && column >= 0 && column < width && inside[row * width + column] !== 0;
}

function runs(length: number, isIn: (place: number) => boolean, emit: (from: number, to: number) => void): void {
  let from = -1;
  for (let place = 0; place <= length; place++) {
    const is = place < length && isIn(place);
    if (is && from < 0) {
      from = place;
    } else if (!is && from >= 0) {
      emit(from, place);
      from = -1;
    }
  }
}
