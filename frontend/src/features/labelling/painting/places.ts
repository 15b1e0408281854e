import { type Component, componentsOf } from "../engine/components";
import type { LabelMap } from "../engine/label-map";
import type { Point } from "../engine/rect";
import type { Size } from "../engine/viewport";

/** The queried places of an image, from above; none where the whole image is queried.
 *
 * @param queried 1 where a pixel is queried.
 */
export function placesOf(queried: Uint8Array | null, { width, height }: Size): readonly Component[] {
  return queried === null ? [] : componentsOf({ width, height, ids: queried }, queried);
}

/** The place that holds a point of the image. */
export function placeAt(places: readonly Component[], { x, y }: Point): Component | undefined {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  return places.find(
    ({ rect, runs }) =>
      rect.left <= column && column < rect.right && rect.top <= row && row < rect.bottom &&
      runs.some((run) => run.row === row && run.left <= column && column < run.right),
  );
}

/** Where to look in turn: at the queried places, or where the whole image is queried at what has no class yet. */
export function stops(places: readonly Component[], map: LabelMap): readonly Component[] {
  const found = places.length > 0 ? places : componentsOf(map).filter(({ id }) => id === map.ignoreId);
  return [...found].sort((one, other) => one.rect.top - other.rect.top || one.rect.left - other.rect.left);
}

/** The number of the stop so many steps after another one, around the end; null where there is none. */
export function stepOf(count: number, from: number | null, by: 1 | -1): number | null {
  return count === 0 ? null : from === null ? (by > 0 ? 0 : count - 1) : (from + by + count) % count;
}
