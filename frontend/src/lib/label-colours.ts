import { channels } from "./palette";

export type Rgb = readonly [number, number, number];
export type Palette = ReadonlyMap<number, Rgb>;

/** The raw id of pixels without a label, where a dataset does not name another. */
export const IGNORE_ID = 255;
/** Opacity of what is not looked at: its shape stays readable. */
export const DIMMED = 45;
const UNKNOWN: Rgb = [128, 128, 128];

/** Raw id -> red, green and blue; the ignored id is in no palette. */
export function paletteOf(colours: Iterable<readonly [number, string]>, backgroundId: number | null): Palette {
  const palette = new Map<number, Rgb>([...colours].map(([id, colour]) => [id, channels(colour)]));
  return backgroundId === null ? palette : palette.set(backgroundId, [0, 0, 0]);
}

/** The colour of a raw id; grey for one that is no class. */
export function colourOf(palette: Palette, id: number | undefined): Rgb {
  return palette.get(id ?? IGNORE_ID) ?? UNKNOWN;
}

/** Paint raw ids in their classes' colours; all but a chosen class dimmed, unlabelled pixels left out.
 *
 * Args:
 *   pixels: RGBA bytes to write.
 *   ids: raw id of each pixel.
 */
export function paintClasses(
  pixels: Uint8ClampedArray,
  ids: Uint8Array,
  palette: Palette,
  ignoreId: number,
  chosen: number | null,
): void {
  ids.forEach((id, at) => {
    const opacity = id === ignoreId ? 0 : chosen === null || id === chosen ? 255 : DIMMED;
    putPixel(pixels, at, colourOf(palette, id), opacity);
  });
}

/** Write one pixel of RGBA bytes. */
export function putPixel(pixels: Uint8ClampedArray, at: number, [red, green, blue]: Rgb, opacity: number): void {
  pixels.set([red, green, blue, opacity], 4 * at);
}
