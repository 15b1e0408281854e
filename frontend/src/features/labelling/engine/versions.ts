import { type Component, componentsOf } from "./components";
import type { Edit } from "./edit";
import { intersection, type Rect } from "./rect";
import type { Size } from "./viewport";

/** Differences closer than this belong together. */
const BLOCK_PX = 8;

/** The labels of an image in one of two versions. */
export interface Version {
  ids: Uint8Array;
  sources: Uint8Array;
}

/** A part of an image in which two versions differ. */
export interface Difference {
  rect: Rect;
  /** Pixels that differ. */
  pixels: number;
  /** Rectangles that cover it. */
  parts: Rect[];
}

/** Where two versions differ, from above; what lies close together is one difference. */
export function differencesOf(one: Version, other: Version, { width, height }: Size): Difference[] {
  const across = Math.ceil(width / BLOCK_PX);
  const counts = new Uint16Array(across * Math.ceil(height / BLOCK_PX));
  for (let row = 0; row < height; row++) {
    const first = Math.floor(row / BLOCK_PX) * across;
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      if (one.ids[at] !== other.ids[at]) {
        const block = first + Math.floor(column / BLOCK_PX);
        counts[block] = (counts[block] ?? 0) + 1;
      }
    }
  }
  const ids = Uint8Array.from(counts, (count) => (count > 0 ? 1 : 0));
  return componentsOf({ width: across, height: counts.length / across, ids }, ids).map((found) => differenceOf(found, counts, across, { width, height }));
}

function differenceOf({ rect, runs }: Component, counts: Uint16Array, across: number, { width, height }: Size): Difference {
  const whole = { left: 0, top: 0, right: width, bottom: height };
  const scaled = ({ left, top, right, bottom }: Rect) =>
    intersection(whole, { left: left * BLOCK_PX, top: top * BLOCK_PX, right: right * BLOCK_PX, bottom: bottom * BLOCK_PX });
  let pixels = 0;
  for (const { row, left, right } of runs) {
    for (let block = row * across + left; block < row * across + right; block++) {
      pixels += counts[block] ?? 0;
    }
  }
  return { rect: scaled(rect), pixels, parts: runs.map(({ row, left, right }) => scaled({ left, top: row, right, bottom: row + 1 })) };
}

/** Lay a version over the map where it differs from the other, whatever the rules say. */
export function layVersion(edit: Edit, { parts }: Difference, version: Version): void {
  for (const { left, top, right, bottom } of parts) {
    for (let row = top; row < bottom; row++) {
      edit.paste(row, left, right, version);
    }
  }
}
