import type { LabelMap } from "../../engine/label-map";
import { colourTable, type OverlayStyle, paintOutline, paintOverlay } from "../../engine/overlay";
import { inflated, intersection, isEmpty, type Rect } from "../../engine/rect";
import type { Size } from "../../engine/viewport";

/** Side of the canvases that hold the labels: what is painted on is copied as a whole, so they are small. */
const CHUNK_PX = 512;

interface Chunk {
  rect: Rect;
  /** Null until it is first seen. */
  canvas: OffscreenCanvas | null;
  /** What is not drawn as it is now; null where all is. */
  stale: Rect | null;
}

/** The labels of a map as pictures, in pieces; only what is seen is painted. */
export class LabelChunks {
  private readonly chunks: readonly Chunk[];
  private table: Uint32Array;
  /** How thick outlines are, in pixels of the image: so that they are seen when it is shown small. */
  private reach = 1;

  constructor(
    private readonly map: LabelMap,
    private style: OverlayStyle,
  ) {
    this.table = colourTable(style, map.ignoreId);
    this.chunks = chunksOf(map).map((rect) => ({ rect, canvas: null, stale: rect }));
  }

  /** Draw in another way; returns whether that is so. */
  show(style: OverlayStyle, zoom: number): boolean {
    const reach = style.isOutline && zoom < 1 ? 2 ** Math.min(4, Math.round(-Math.log2(zoom))) : 1;
    if (style === this.style && reach === this.reach) {
      return false;
    }
    this.style = style;
    this.reach = reach;
    this.table = colourTable(style, this.map.ignoreId);
    this.changed(this.map.bounds);
    return true;
  }

  /** Labels within a rectangle have changed; returns what looks other than before. */
  changed(rect: Rect): Rect {
    const seen = this.style.isOutline ? inflated(rect, this.reach) : rect;
    for (const chunk of this.chunks) {
      const part = intersection(seen, chunk.rect);
      if (!isEmpty(part)) {
        chunk.stale = chunk.stale === null ? part : joined(chunk.stale, part);
      }
    }
    return seen;
  }

  /** Draw what lies within a rectangle of the image; the context has the image's own coordinates. */
  draw(context: CanvasRenderingContext2D, within: Rect): void {
    for (const chunk of this.chunks) {
      if (!isEmpty(intersection(chunk.rect, within))) {
        context.drawImage(this.fresh(chunk), chunk.rect.left, chunk.rect.top);
      }
    }
  }

  private fresh(chunk: Chunk): OffscreenCanvas {
    const { rect, stale } = chunk;
    chunk.canvas ??= new OffscreenCanvas(rect.right - rect.left, rect.bottom - rect.top);
    const context = stale === null ? null : chunk.canvas.getContext("2d", { willReadFrequently: true });
    if (stale !== null && context !== null) {
      const drawn = context.createImageData(stale.right - stale.left, stale.bottom - stale.top);
      const pixels = new Uint32Array(drawn.data.buffer);
      if (this.style.isOutline) {
        paintOutline(pixels, this.map, stale, this.table, this.reach);
      } else {
        paintOverlay(pixels, this.map, stale, this.table);
      }
      context.putImageData(drawn, stale.left - rect.left, stale.top - rect.top);
      chunk.stale = null;
    }
    return chunk.canvas;
  }
}

function joined(one: Rect, other: Rect): Rect {
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}

function chunksOf({ width, height }: Size): Rect[] {
  const rects: Rect[] = [];
  for (let top = 0; top < height; top += CHUNK_PX) {
    for (let left = 0; left < width; left += CHUNK_PX) {
      rects.push({ left, top, right: Math.min(width, left + CHUNK_PX), bottom: Math.min(height, top + CHUNK_PX) });
    }
  }
  return rects;
}
