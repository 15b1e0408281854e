import type { LabelMap } from "./label-map";
import type { Emit } from "./rect";

/** Emit the rows of all pixels that are reached from one over its four neighbours while they are inside.
 *
 * @param width pixels in a row.
 * @param height rows.
 * @param start index of the first pixel.
 * @param isInside tells of an index whether the pixel belongs to it; asked before the pixel is emitted.
 */
export function floodSpans(
  width: number,
  height: number,
  start: number,
  isInside: (at: number) => boolean,
  emit: Emit,
): void {
  if (!isInside(start)) {
    return;
  }
  const seen = new Uint8Array(width * height);
  const waiting = [start];
  const isOpen = (at: number) => seen[at] === 0 && isInside(at);
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen[at] === 1) {
      continue;
    }
    const first = at - (at % width);
    let left = at;
    while (left > first && isOpen(left - 1)) {
      left--;
    }
    let right = at + 1;
    while (right < first + width && isOpen(right)) {
      right++;
    }
    seen.fill(1, left, right);
    emit(first / width, left - first, right - first);
    for (const beside of [-width, width]) {
      if (left + beside >= 0 && left + beside < width * height) {
        pushRuns(waiting, left + beside, right + beside, isOpen);
      }
    }
  }
}

/** Remember the first pixel of every open run of a part of a row. */
function pushRuns(waiting: number[], from: number, end: number, isOpen: (at: number) => boolean): void {
  let wasOpen = false;
  for (let at = from; at < end; at++) {
    const is = isOpen(at);
    if (is && !wasOpen) {
      waiting.push(at);
    }
    wasOpen = is;
  }
}

/** Emit the connected pixels that have the label of one pixel. */
export function componentSpans(map: LabelMap, start: number, emit: Emit): void {
  const wanted = map.ids[start];
  // Collected first: painting while it goes on would change what is inside.
  const spans: [number, number, number][] = [];
  floodSpans(map.width, map.height, start, (at) => map.ids[at] === wanted, (...span) => spans.push(span));
  spans.forEach((span) => emit(...span));
}

/** Emit the connected pixels whose colour is that of one pixel, give or take a tolerance in each channel, 0 to 255.
 *
 * @param pixels RGBA of the picture.
 */
export function wandSpans(
  pixels: Uint8ClampedArray,
  size: { width: number; height: number },
  start: number,
  tolerance: number,
  emit: Emit,
): void {
  const [red, green, blue] = pixels.subarray(4 * start, 4 * start + 3);
  const differs = (at: number, channel: number, wanted: number | undefined) =>
    Math.abs((pixels[4 * at + channel] ?? 0) - (wanted ?? 0)) > tolerance;
  const isAlike = (at: number) => !differs(at, 0, red) && !differs(at, 1, green) && !differs(at, 2, blue);
  floodSpans(size.width, size.height, start, isAlike, emit);
}
