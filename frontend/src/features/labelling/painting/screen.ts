import type { LabelMap } from "../engine/label-map";
import { colourTable, type OverlayStyle, paintOutline, paintOverlay } from "../engine/overlay";
import { inflated, intersection, isEmpty, type Point, type Rect } from "../engine/rect";
import { type Size, toScreen, type Viewport, visible } from "../engine/viewport";

/** Side of the canvases that hold the labels: one canvas of a large image would be more than a browser gives. */
const CHUNK_PX = 1024;
const GRID_FROM_ZOOM = 8;

/** What is seen: the view, and how the picture and its labels are drawn. */
export interface Look {
  view: Viewport;
  style: OverlayStyle;
  /** Whether labels are drawn at all. */
  hasOverlay: boolean;
  /** Percent, 100 = as it is; of the view alone. */
  brightness: number;
  contrast: number;
}

/** Draws picture, labels and guides on a canvas, at most once a frame. */
export class Screen {
  private readonly chunks: { rect: Rect; canvas: OffscreenCanvas }[];
  private frame: number | null = null;
  private table: Uint32Array;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly picture: ImageBitmap,
    private readonly map: LabelMap,
    private readonly veil: OffscreenCanvas | null,
    private look: Look,
    /** The corners of what is begun: a polygon, a rectangle. */
    private readonly guides: () => readonly Point[],
  ) {
    this.table = colourTable(look.style, map.ignoreId);
    this.chunks = chunksOf(map).map((rect) => ({ rect, canvas: new OffscreenCanvas(rect.right - rect.left, rect.bottom - rect.top) }));
    this.repaint(map.bounds);
  }

  get size(): Size {
    return { width: this.canvas.width, height: this.canvas.height };
  }

  /** Show it in another way. */
  show(look: Look): void {
    const isRepainted = look.style !== this.look.style;
    this.look = look;
    if (isRepainted) {
      this.table = colourTable(look.style, this.map.ignoreId);
      this.repaint(this.map.bounds);
    }
    this.ask();
  }

  /** Labels within a rectangle have changed. */
  repaint(rect: Rect): void {
    const { isOutline } = this.look.style;
    const paint = isOutline ? paintOutline : paintOverlay;
    for (const chunk of this.chunks) {
      const part = intersection(isOutline ? inflated(rect, 1) : rect, chunk.rect);
      const context = isEmpty(part) ? null : chunk.canvas.getContext("2d");
      if (context !== null) {
        const drawn = context.createImageData(part.right - part.left, part.bottom - part.top);
        paint(new Uint32Array(drawn.data.buffer), this.map, part, this.table);
        context.putImageData(drawn, part.left - chunk.rect.left, part.top - chunk.rect.top);
      }
    }
    this.ask();
  }

  /** Draw with the next frame. */
  ask(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  /** Draw nothing more. */
  close(): void {
    if (this.frame !== null) {
      cancelAnimationFrame(this.frame);
    }
  }

  private draw(): void {
    const context = this.canvas.getContext("2d", { alpha: false });
    if (context === null) {
      return;
    }
    const { view, hasOverlay, brightness, contrast } = this.look;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#555";
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(view.zoom, 0, 0, view.zoom, view.x, view.y);
    context.imageSmoothingEnabled = view.zoom < 1;
    context.filter = brightness === 100 && contrast === 100 ? "none" : `brightness(${brightness}%) contrast(${contrast}%)`;
    context.drawImage(this.picture, 0, 0);
    context.filter = "none";
    context.imageSmoothingEnabled = false;
    if (hasOverlay) {
      const seen = visible(view, this.map, this.size);
      this.chunks
        .filter(({ rect }) => !isEmpty(intersection(rect, seen)))
        .forEach(({ rect, canvas }) => context.drawImage(canvas, rect.left, rect.top));
    }
    if (this.veil !== null) {
      context.drawImage(this.veil, 0, 0);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    this.drawGrid(context);
    this.drawGuides(context);
  }

  private drawGrid(context: CanvasRenderingContext2D): void {
    const { view } = this.look;
    if (view.zoom < GRID_FROM_ZOOM) {
      return;
    }
    const { left, top, right, bottom } = visible(view, this.map, this.size);
    const [from, to] = [toScreen(view, { x: left, y: top }), toScreen(view, { x: right, y: bottom })];
    context.fillStyle = "rgba(128, 128, 128, 0.35)";
    for (let column = left; column <= right; column++) {
      context.fillRect(Math.round(column * view.zoom + view.x), from.y, 1, to.y - from.y);
    }
    for (let row = top; row <= bottom; row++) {
      context.fillRect(from.x, Math.round(row * view.zoom + view.y), to.x - from.x, 1);
    }
  }

  private drawGuides(context: CanvasRenderingContext2D): void {
    const [first, ...rest] = this.guides().map((place) => toScreen(this.look.view, place));
    if (first === undefined) {
      return;
    }
    for (const [width, colour] of [[3, "#000"], [1, "#fff"]] as const) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.beginPath();
      context.moveTo(first.x, first.y);
      rest.forEach(({ x, y }) => context.lineTo(x, y));
      context.stroke();
    }
  }
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
