import { paintUncertainty } from "../../queries/query-painting";
import { borderLines } from "../../engine/border";
import type { Size } from "../../engine/viewport";

const VEIL = 150;

/** What sets the queried pixels apart. */
export interface Veil {
  /** Dims all others. */
  shade: CanvasImageSource;
  /** Their border, in the image's coordinates: drawn as a line it is seen at every zoom. */
  border: Path2D;
}

/** The veil over what is not queried; null where all is queried. */
export function veilOver(queried: Uint8Array | null, size: Size): Veil | null {
  const shade =
    queried === null
      ? null
      : drawnOn(size, (pixels) => {
          for (let at = 0; at < queried.length; at++) {
            pixels[4 * at + 3] = queried[at] === 0 ? VEIL : 0;
          }
        });
  if (queried === null || shade === null) {
    return null;
  }
  const border = new Path2D();
  borderLines(queried, size, (fromX, fromY, toX, toY) => {
    border.moveTo(fromX, fromY);
    border.lineTo(toX, toY);
  });
  return { shade, border };
}

/** A canvas that shows where the teacher is uncertain, painted when it is first asked for. */
export function heatOf(uncertainty: Uint8Array | null, size: Size): () => OffscreenCanvas | null {
  let made: OffscreenCanvas | null = null;
  return () => {
    made ??= uncertainty === null ? null : drawnOn(size, (pixels) => paintUncertainty(pixels, uncertainty));
    return made;
  };
}

function drawnOn({ width, height }: Size, paint: (pixels: Uint8ClampedArray) => void): OffscreenCanvas | null {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (context === null) {
    return null;
  }
  const drawn = context.createImageData(width, height);
  paint(drawn.data);
  context.putImageData(drawn, 0, 0);
  return canvas;
}
