import { putPixel, type Rgb } from "../../lib/label-colours";
import { INK, isDot, isInk, PAPER, stripeWidth } from "./painting";

/** Raw id of the foreground of a binary mask. */
export const FOREGROUND = 1;
/** Opacity of a mask: the picture under it stays visible. */
export const COVER = 150;
/** The same colours as in predictions.css. */
const HIT = [0, 158, 115] as const;
const MISSED = [230, 159, 0] as const;

/** Paint a foreground in one colour; the rest is left out. */
export function paintForeground(pixels: Uint8ClampedArray, mask: Uint8Array, colour: Rgb): void {
  mask.forEach((id, at) => putPixel(pixels, at, colour, id === FOREGROUND ? COVER : 0));
}

/** Paint true positives plain, false positives hatched and false negatives dotted; true negatives are left out.
 *
 * Args:
 *   pixels: RGBA bytes to write.
 *   truth, prediction: masks, one byte a pixel.
 *   width: pixels in a row.
 */
export function paintOutcomes(pixels: Uint8ClampedArray, truth: Uint8Array, prediction: Uint8Array, width: number): void {
  const stripe = stripeWidth(width);
  truth.forEach((id, at) => {
    const x = at % width;
    const y = Math.floor(at / width);
    const isThere = id === FOREGROUND;
    if (prediction[at] !== FOREGROUND) {
      putPixel(pixels, at, MISSED, !isThere ? 0 : isDot(x, y, stripe) ? 255 : COVER);
    } else {
      putPixel(pixels, at, isThere ? HIT : isInk(x, y, stripe) ? INK : PAPER, isThere ? COVER : 255);
    }
  });
}

/** Paint a mask over what is there already, with a full outline. */
export function paintObject(pixels: Uint8ClampedArray, mask: Uint8Array, width: number, colour: Rgb, opacity: number): void {
  mask.forEach((inside, at) => {
    if (inside === 1) {
      putPixel(pixels, at, colour, isEdge(mask, at, width) ? opacity : opacity / 3);
    }
  });
}

/** Whether a pixel of a mask has a neighbour outside it, or lies at the border of the picture. */
function isEdge(mask: Uint8Array, at: number, width: number): boolean {
  const x = at % width;
  const isSide = x === 0 || x === width - 1;
  return isSide || [at - 1, at + 1, at - width, at + width].some((other) => mask[other] !== 1);
}
