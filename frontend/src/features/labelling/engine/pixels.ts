import type { Point } from "./rect";
import type { Size } from "./viewport";

/** The pixel under a place of the image; null outside. */
export function pixelAt(place: Point, { width, height }: Size): Point | null {
  const pixel = { x: Math.floor(place.x), y: Math.floor(place.y) };
  return pixel.x >= 0 && pixel.y >= 0 && pixel.x < width && pixel.y < height ? pixel : null;
}

/** The first and the last pixel between two places, within the image. */
export function boxBetween(from: Point, to: Point, { width, height }: Size): readonly [Point, Point] {
  const within = (value: number, length: number) => Math.min(length - 1, Math.max(0, Math.floor(value)));
  return [
    { x: within(Math.min(from.x, to.x), width), y: within(Math.min(from.y, to.y), height) },
    { x: within(Math.max(from.x, to.x), width), y: within(Math.max(from.y, to.y), height) },
  ];
}

export function isSamePixel(one: Point | undefined, other: Point): boolean {
  return one?.x === other.x && one.y === other.y;
}
