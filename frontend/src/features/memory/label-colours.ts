import { channels } from "../../lib/palette";

const IGNORE = 255;
const UNKNOWN: [number, number, number] = [128, 128, 128];

/** Paint a label of raw ids: each class in its colour, what is not kept transparent.
 *
 * Args:
 *   pixels: RGBA bytes whose first channel is the raw id; changed in place.
 *   colours: raw id -> #rrggbb.
 */
export function paintLabel(pixels: Uint8ClampedArray, colours: ReadonlyMap<number, string>): void {
  const palette = new Map([...colours].map(([id, colour]) => [id, channels(colour)]));
  for (let at = 0; at < pixels.length; at += 4) {
    const id = pixels[at] ?? IGNORE;
    const [red, green, blue] = palette.get(id) ?? UNKNOWN;
    pixels[at] = red;
    pixels[at + 1] = green;
    pixels[at + 2] = blue;
    pixels[at + 3] = id === IGNORE ? 0 : 255;
  }
}
