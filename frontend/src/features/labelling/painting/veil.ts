import { paintRegion } from "../queries/query-painting";
import type { Size } from "../engine/viewport";

/** A canvas that dims what is not queried, with a line around what is; null where all is queried. */
export function veilOver(queried: Uint8Array | null, { width, height }: Size): OffscreenCanvas | null {
  const canvas = queried === null ? null : new OffscreenCanvas(width, height);
  const context = canvas?.getContext("2d") ?? null;
  if (queried !== null && context !== null) {
    const drawn = context.createImageData(width, height);
    paintRegion(drawn.data, queried, width);
    context.putImageData(drawn, 0, 0);
  }
  return canvas;
}
