import { colourOf, DIMMED, type Palette, putPixel } from "../../lib/label-colours";
import { Verdict } from "./verdicts";

export const INK = [176, 0, 32] as const;
export const PAPER = [255, 255, 255] as const;
const GREY = [128, 128, 128] as const;
const STRIPES_ACROSS = 48;

/** Paint verdicts over the dimmed ground truth: errors hatched, what is not learned yet dotted.
 *
 * Args:
 *   pixels: RGBA bytes to write.
 *   verdicts: of each pixel.
 *   truth: raw id of each pixel.
 *   width: pixels in a row.
 */
export function paintVerdicts(
  pixels: Uint8ClampedArray,
  verdicts: Uint8Array,
  truth: Uint8Array,
  width: number,
  palette: Palette,
): void {
  const stripe = stripeWidth(width);
  verdicts.forEach((verdict, at) => {
    const x = at % width;
    const y = Math.floor(at / width);
    if (verdict === Verdict.WRONG) {
      putPixel(pixels, at, isInk(x, y, stripe) ? INK : PAPER, 255);
    } else if (verdict === Verdict.UNLEARNT) {
      putPixel(pixels, at, GREY, isDot(x, y, stripe) ? 255 : 2 * DIMMED);
    } else {
      putPixel(pixels, at, colourOf(palette, truth[at]), verdict === Verdict.UNLABELLED ? 0 : DIMMED);
    }
  });
}

/** Width of a stripe of the hatching, in pixels: as many stripes on a small picture as on a large one. */
export function stripeWidth(width: number): number {
  return Math.max(2, Math.round(width / STRIPES_ACROSS));
}

/** Whether a pixel lies on a stripe of the hatching. */
export function isInk(x: number, y: number, stripe: number): boolean {
  return Math.floor((x + y) / stripe) % 2 === 0;
}

/** Whether a pixel lies on a dot. */
export function isDot(x: number, y: number, stripe: number): boolean {
  return Math.floor(x / stripe) % 3 === 0 && Math.floor(y / stripe) % 3 === 0;
}
