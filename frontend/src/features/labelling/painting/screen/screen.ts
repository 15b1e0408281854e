import type { LabelMap } from "../../engine/label-map";
import type { OverlayStyle } from "../../engine/overlay";
import { inflated, intersection, isEmpty, type Rect, union } from "../../engine/rect";
import { type Size, toScreen, type Viewport, visible } from "../../engine/viewport";
import { Background, type Layers } from "./background";
import { LabelChunks } from "./label-chunks";
import type { Tone } from "./tone";

/** From this zoom on a grid parts the pixels. */
export const GRID_FROM_ZOOM = 8;

/** What is seen: the view, and how the picture and its labels are drawn. */
export interface Look {
  view: Viewport;
  style: OverlayStyle;
  /** Whether labels are drawn at all, and how opaque they are, 0 to 1. */
  hasOverlay: boolean;
  opacity: number;
  tone: Tone;
  /** Whether the teacher's uncertainty lies over the picture. */
  hasHeat: boolean;
}

/** Draws picture and labels on a canvas, at most once a frame, and no more of it than has changed. */
export class Screen {
  private readonly labels: LabelChunks;
  private readonly background: Background;
  private frame: number | null = null;
  /** What is to be drawn anew, in pixels of the screen. */
  private stale: Rect | null = null;
  private drawnSize: Size = { width: 0, height: 0 };

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly map: LabelMap,
    layers: Layers,
    private look: Look,
  ) {
    this.labels = new LabelChunks(map, look.style);
    this.background = new Background(layers);
    this.ask(this.bounds);
  }

  /** Show it in another way. */
  show(look: Look): void {
    const isOther = look.opacity !== this.look.opacity || look.hasOverlay !== this.look.hasOverlay || look.hasHeat !== this.look.hasHeat;
    const isMoved = look.view !== this.look.view || look.tone !== this.look.tone;
    const isResized = this.canvas.width !== this.drawnSize.width || this.canvas.height !== this.drawnSize.height;
    this.look = look;
    if (this.labels.show(look.style, look.view.zoom) || isOther || isMoved || isResized) {
      this.ask(this.bounds);
    }
  }

  /** Labels within a rectangle of the image have changed. */
  repaint(rect: Rect): void {
    const { view } = this.look;
    const { left, top, right, bottom } = inflated(this.labels.changed(rect), 1);
    const [from, to] = [toScreen(view, { x: left, y: top }), toScreen(view, { x: right, y: bottom })];
    this.ask({ left: Math.floor(from.x), top: Math.floor(from.y), right: Math.ceil(to.x), bottom: Math.ceil(to.y) });
  }

  /** Draw nothing more. */
  close(): void {
    if (this.frame !== null) {
      cancelAnimationFrame(this.frame);
    }
  }

  private get bounds(): Rect {
    return { left: 0, top: 0, right: this.canvas.width, bottom: this.canvas.height };
  }

  /** Draw a part of the screen with the next frame. */
  private ask(part: Rect): void {
    this.stale = union(this.stale, part);
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  private draw(): void {
    const context = this.canvas.getContext("2d", { alpha: false });
    const size = { width: this.canvas.width, height: this.canvas.height };
    const isResized = size.width !== this.drawnSize.width || size.height !== this.drawnSize.height;
    const part = intersection(isResized || this.stale === null ? this.bounds : this.stale, this.bounds);
    this.stale = null;
    if (context === null || isEmpty(part)) {
      return;
    }
    this.drawnSize = size;
    const { view, tone, hasHeat, hasOverlay, opacity } = this.look;
    const [width, height] = [part.right - part.left, part.bottom - part.top];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.save();
    context.beginPath();
    context.rect(part.left, part.top, width, height);
    context.clip();
    context.drawImage(this.background.at({ view, tone, hasHeat }, size), part.left, part.top, width, height, part.left, part.top, width, height);
    if (hasOverlay) {
      context.setTransform(view.zoom, 0, 0, view.zoom, view.x, view.y);
      context.imageSmoothingEnabled = false;
      context.globalAlpha = opacity;
      this.labels.draw(context, this.imageOf(part, size));
      context.globalAlpha = 1;
      context.setTransform(1, 0, 0, 1, 0, 0);
    }
    this.drawGrid(context, part, size);
    context.restore();
  }

  /** The pixels of the image under a part of the screen. */
  private imageOf(part: Rect, size: Size): Rect {
    const { view } = this.look;
    const seen = {
      left: Math.floor((part.left - view.x) / view.zoom),
      top: Math.floor((part.top - view.y) / view.zoom),
      right: Math.ceil((part.right - view.x) / view.zoom),
      bottom: Math.ceil((part.bottom - view.y) / view.zoom),
    };
    return intersection(seen, visible(view, this.map, size));
  }

  private drawGrid(context: CanvasRenderingContext2D, part: Rect, size: Size): void {
    const { view } = this.look;
    if (view.zoom < GRID_FROM_ZOOM) {
      return;
    }
    const { left, top, right, bottom } = this.imageOf(part, size);
    const [from, to] = [toScreen(view, { x: left, y: top }), toScreen(view, { x: right, y: bottom })];
    context.fillStyle = "rgba(128, 128, 128, 0.35)";
    for (let column = left; column <= right; column++) {
      context.fillRect(Math.round(column * view.zoom + view.x), from.y, 1, to.y - from.y);
    }
    for (let row = top; row <= bottom; row++) {
      context.fillRect(from.x, Math.round(row * view.zoom + view.y), to.x - from.x, 1);
    }
  }
}
