import type { Rect } from "./rect";

/** Who gave a pixel its present label; the numbers are what the service stores. */
export const SOURCE = { none: 0, model: 1, person: 2, assisted: 3 } as const;
export type Source = (typeof SOURCE)[keyof typeof SOURCE];

/** Side of a tile, in pixels: the unit in which work is undone and saved. */
export const TILE_PX = 256;

/** The labels of one image: exactly one raw class id, or the ignore id, for each pixel. */
export class LabelMap {
  readonly sources: Uint8Array;

  /**
   * @param width pixels in a row.
   * @param height rows.
   * @param ids raw id of each pixel, row by row; kept and changed in place.
   * @param ignoreId raw id of a pixel without a label.
   * @param sources who labelled each pixel; nobody by default.
   */
  constructor(
    readonly width: number,
    readonly height: number,
    readonly ids: Uint8Array,
    readonly ignoreId: number,
    sources?: Uint8Array,
  ) {
    if (ids.length !== width * height) {
      throw new Error(`${ids.length} ids do not fill a map of ${width} x ${height} pixels`);
    }
    this.sources = sources ?? new Uint8Array(ids.length);
  }

  /** The rectangle of all pixels. */
  get bounds(): Rect {
    return { left: 0, top: 0, right: this.width, bottom: this.height };
  }

  /** Raw id at a column and a row; the ignore id outside. */
  at(column: number, row: number): number {
    const isInside = column >= 0 && row >= 0 && column < this.width && row < this.height;
    return isInside ? (this.ids[row * this.width + column] ?? this.ignoreId) : this.ignoreId;
  }
}

/** Tiles of a map, row by row; the last of a row or column may be smaller. */
export function tilesAcross(length: number): number {
  return Math.ceil(length / TILE_PX);
}

/** The rectangle of a tile, by its number row by row. */
export function tileRect(map: LabelMap, tile: number): Rect {
  const across = tilesAcross(map.width);
  const [left, top] = [(tile % across) * TILE_PX, Math.floor(tile / across) * TILE_PX];
  return { left, top, right: Math.min(map.width, left + TILE_PX), bottom: Math.min(map.height, top + TILE_PX) };
}

/** The bytes of a rectangle of a plane of `width` bytes a row, row by row. */
export function copyRect(plane: Uint8Array, width: number, rect: Rect): Uint8Array {
  const across = rect.right - rect.left;
  const copy = new Uint8Array(across * (rect.bottom - rect.top));
  for (let row = rect.top; row < rect.bottom; row++) {
    const from = row * width + rect.left;
    copy.set(plane.subarray(from, from + across), (row - rect.top) * across);
  }
  return copy;
}

/** Write the bytes of a rectangle back. */
export function pasteRect(plane: Uint8Array, width: number, rect: Rect, bytes: Uint8Array): void {
  const across = rect.right - rect.left;
  for (let row = rect.top; row < rect.bottom; row++) {
    const from = (row - rect.top) * across;
    plane.set(bytes.subarray(from, from + across), row * width + rect.left);
  }
}
