import type { Cut } from "./image-fit";

const EDGE = 0xffffffff;

/** Write the colour of a cut, with a white edge so that it is seen over labels of the same class.
 *
 * @param pixels one number for each pixel of the cut's rectangle, as `ImageData` holds them; 0 before.
 * @param colour "#rrggbb".
 */
export function paintCut(pixels: Uint32Array, { rect, bits }: Cut, colour: string): void {
  const inside = asNumber(colour);
  const [across, rows] = [rect.right - rect.left, rect.bottom - rect.top];
  for (let row = 0; row < rows; row++) {
    const isBorderRow = row === 0 || row === rows - 1;
    for (let column = 0; column < across; column++) {
      const at = row * across + column;
      if (bits[at] === 1) {
        const isInside =
          !isBorderRow && column > 0 && column < across - 1 && bits[at - 1] === 1 && bits[at + 1] === 1 && bits[at - across] === 1 && bits[at + across] === 1;
        pixels[at] = isInside ? inside : EDGE;
      }
    }
  }
}

/** A colour as a canvas stores it in one number. */
function asNumber(colour: string): number {
  const number = Number.parseInt(colour.slice(1), 16);
  const bytes = Uint8Array.of(number >> 16, (number >> 8) & 255, number & 255, 255);
  return new Uint32Array(bytes.buffer)[0] ?? EDGE;
}
