import { brushSpans } from "./brush";
import { borderLines, type EmitLine } from "./border";
import { type Emit, type Point, type Rect } from "./rect";

/** Connected pieces of similar colour that an image is cut into. */
export class Superpixels {
  /** Left, top, right, bottom of each piece. */
  private readonly rects: Int32Array;

  /** @param pieces number of the piece that a pixel belongs to, row by row. */
  constructor(
    readonly width: number,
    readonly height: number,
    private readonly pieces: Uint16Array,
  ) {
    this.rects = rectsOf(pieces, width);
  }

  /** The piece at a place of the image; null outside. */
  at({ x, y }: Point): number | null {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const isInside = column >= 0 && row >= 0 && column < this.width && row < this.height;
    return isInside ? (this.pieces[row * this.width + column] ?? null) : null;
  }

  /** The pieces on the straight way between two places. */
  between(from: Point, to: Point): ReadonlySet<number> {
    const found = new Set<number>();
    brushSpans({ shape: "square", size: 1 }, from, to, (row, left) => {
      const piece = this.at({ x: left, y: row });
      if (piece !== null) {
        found.add(piece);
      }
    });
    return found;
  }

  rectOf(piece: number): Rect {
    const [left = 0, top = 0, right = 0, bottom = 0] = this.rects.subarray(4 * piece, 4 * piece + 4);
    return { left, top, right, bottom };
  }

  /** Emit the rows of a piece. */
  spans(piece: number, emit: Emit): void {
    const { left, top, right, bottom } = this.rectOf(piece);
    for (let row = top; row < bottom; row++) {
      const first = row * this.width;
      let from = -1;
      for (let column = left; column <= right; column++) {
        const is = column < right && this.pieces[first + column] === piece;
        if (is && from < 0) {
          from = column;
        } else if (!is && from >= 0) {
          emit(row, from, column);
          from = -1;
        }
      }
    }
  }

  /** Emit the lines around a piece. */
  border(piece: number, emit: EmitLine): void {
    const { left, top, right, bottom } = this.rectOf(piece);
    const size = { width: right - left, height: bottom - top };
    const inside = new Uint8Array(size.width * size.height);
    this.spans(piece, (row, from, end) => inside.fill(1, (row - top) * size.width + from - left, (row - top) * size.width + end - left));
    borderLines(inside, size, (fromX, fromY, toX, toY) => emit(fromX + left, fromY + top, toX + left, toY + top));
  }
}

function rectsOf(pieces: Uint16Array, width: number): Int32Array {
  let last = 0;
  for (const piece of pieces) {
    last = Math.max(last, piece);
  }
  const rects = new Int32Array(4 * (last + 1));
  for (let piece = 0; piece <= last; piece++) {
    rects[4 * piece] = rects[4 * piece + 1] = 1 << 30;
  }
  let [row, column] = [0, 0];
  for (const piece of pieces) {
    const at = 4 * piece;
    rects[at] = Math.min(rects[at] ?? 0, column);
    rects[at + 1] = Math.min(rects[at + 1] ?? 0, row);
    rects[at + 2] = Math.max(rects[at + 2] ?? 0, column + 1);
    rects[at + 3] = row + 1;
    if (++column === width) {
      column = 0;
      row++;
    }
  }
  return rects;
}
