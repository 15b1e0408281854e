import type { LabelMap } from "./label-map";
import type { Rect } from "./rect";

/** How labels are drawn over the picture. */
export interface OverlayStyle {
  /** Raw id -> "#rrggbb". */
  colours: ReadonlyMap<number, string>;
  /** Draw borders alone. */
  isOutline: boolean;
  hidden: ReadonlySet<number>;
}

const UNKNOWN = "#808080";

/** For each raw id its colour as a canvas stores it in one number; what is not drawn is 0. */
export function colourTable(style: OverlayStyle, ignoreId: number): Uint32Array {
  const table = new Uint32Array(256);
  const bytes = new Uint8ClampedArray(table.buffer);
  for (let id = 0; id < 256; id++) {
    if (id !== ignoreId && !style.hidden.has(id)) {
      const number = Number.parseInt((style.colours.get(id) ?? UNKNOWN).slice(1), 16);
      bytes.set([number >> 16, (number >> 8) & 255, number & 255, 255], 4 * id);
    }
  }
  return table;
}

/** Write the colours of a rectangle of the map.
 *
 * @param pixels one number for each pixel of the rectangle, row by row, as `ImageData` holds them.
 * @param table from `colourTable`.
 */
export function paintOverlay(pixels: Uint32Array, map: LabelMap, rect: Rect, table: Uint32Array): void {
  const across = rect.right - rect.left;
  for (let row = rect.top; row < rect.bottom; row++) {
    const from = row * map.width + rect.left;
    const to = (row - rect.top) * across;
    for (let column = 0; column < across; column++) {
      pixels[to + column] = table[map.ids[from + column] ?? 0] ?? 0;
    }
  }
}

/** Write the colours of those pixels alone that have another label beside them; the border of the image is none.
 *
 * @param reach how thick the lines are on each side, in pixels.
 */
export function paintOutline(pixels: Uint32Array, map: LabelMap, rect: Rect, table: Uint32Array, reach = 1): void {
  const { ids, width, height } = map;
  const across = rect.right - rect.left;
  for (let row = rect.top; row < rect.bottom; row++) {
    for (let column = rect.left; column < rect.right; column++) {
      const at = row * width + column;
      const id = ids[at];
      const isEdge =
        (column >= reach && ids[at - reach] !== id) ||
        (column < width - reach && ids[at + reach] !== id) ||
        (row >= reach && ids[at - reach * width] !== id) ||
        (row < height - reach && ids[at + reach * width] !== id);
      pixels[(row - rect.top) * across + column - rect.left] = isEdge ? (table[id ?? 0] ?? 0) : 0;
    }
  }
}
