import { putPixel } from "../../../lib/label-colours";

type Rgb = readonly [number, number, number];

/** From certain to uncertain: dark to bright, so that it reads without colours too (stops of the map "inferno"). */
const RAMP: readonly Rgb[] = [
  [0, 0, 4],
  [66, 10, 104],
  [147, 38, 103],
  [221, 81, 58],
  [252, 165, 10],
  [252, 255, 164],
];
/** The ramp as a background of CSS, left to right. */
export const UNCERTAINTY_GRADIENT = `linear-gradient(to right, ${RAMP.map((stop) => `rgb(${stop.join(" ")})`).join(", ")})`;

const LINE: Rgb = [255, 221, 0];
const VEIL = 150;

/** The colour of an uncertainty between 0 and 255. */
export function rampColour(value: number): Rgb {
  const at = (Math.min(255, Math.max(0, value)) / 255) * (RAMP.length - 1);
  const [low, high] = [RAMP[Math.floor(at)] ?? LINE, RAMP[Math.ceil(at)] ?? LINE];
  const share = at - Math.floor(at);
  const mix = (channel: 0 | 1 | 2) => Math.round(low[channel] + (high[channel] - low[channel]) * share);
  return [mix(0), mix(1), mix(2)];
}

/** Paint uncertainties, 0 to 255, from dark to bright. */
export function paintUncertainty(pixels: Uint8ClampedArray, values: Uint8Array): void {
  const colours = Array.from({ length: 256 }, (_, value) => rampColour(value));
  values.forEach((value, at) => putPixel(pixels, at, colours[value] ?? LINE, 255));
}

/** Paint a veil over what is not queried, and a line around what is: just outside, so that small regions stay visible.
 *
 * Args:
 *   pixels: RGBA bytes to write.
 *   queried: 255 where a pixel is queried, row by row.
 *   width: pixels in a row.
 */
export function paintRegion(pixels: Uint8ClampedArray, queried: Uint8Array, width: number): void {
  queried.forEach((value, at) => {
    if (value === 0) {
      const isLine = touchesQueried(queried, at, width);
      putPixel(pixels, at, isLine ? LINE : [0, 0, 0], isLine ? 255 : VEIL);
    }
  });
}

/** Whether one of the four neighbours of a pixel is queried. */
function touchesQueried(queried: Uint8Array, at: number, width: number): boolean {
  const column = at % width;
  const beside = [column > 0 ? at - 1 : at, column < width - 1 ? at + 1 : at, at - width, at + width];
  return beside.some((place) => (queried[place] ?? 0) !== 0);
}
