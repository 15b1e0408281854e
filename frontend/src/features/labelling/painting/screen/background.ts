import { type Size, type Viewport } from "../../engine/viewport";
import { applyTone, isPlain, type Tone, toneTable } from "./tone";
import type { Veil } from "./veil";

const GROUND = "#4a4a4a";
/** Opacity of the map of uncertainties over the picture. */
const HEAT_OPACITY = 0.75;

/** Lines around what is queried, in pixels of the screen. */
const BORDER = [
  [4, "rgba(0, 0, 0, 0.6)"],
  [2, "#ffdd00"],
] as const;

/** What lies under the labels, in the image's own size. */
export interface Layers {
  picture: CanvasImageSource;
  /** Null where all is queried. */
  veil: Veil | null;
  /** Where the teacher is uncertain; painted when it is first wanted. */
  heat: () => CanvasImageSource | null;
}

/** What of it is seen, and how. */
export interface BackgroundLook {
  view: Viewport;
  tone: Tone;
  hasHeat: boolean;
}

/** Everything under the labels as the screen shows it: drawn once for each view, so that a stroke costs what it covers. */
export class Background {
  private canvas: OffscreenCanvas | null = null;
  private drawn: BackgroundLook | null = null;

  constructor(private readonly layers: Layers) {}

  /** A picture of the size of the screen. */
  at(look: BackgroundLook, { width, height }: Size): OffscreenCanvas {
    const isFresh = this.canvas?.width === width && this.canvas.height === height && this.drawn !== null && isSame(this.drawn, look);
    if (this.canvas !== null && isFresh) {
      return this.canvas;
    }
    const hasTone = !isPlain(look.tone);
    if (this.canvas?.width !== width || this.canvas.height !== height || this.drawn === null || isPlain(this.drawn.tone) === hasTone) {
      this.canvas = new OffscreenCanvas(width, height);
    }
    const context = this.canvas.getContext("2d", { alpha: false, willReadFrequently: hasTone });
    if (context !== null) {
      this.draw(context, look);
    }
    this.drawn = look;
    return this.canvas;
  }

  private draw(context: OffscreenCanvasRenderingContext2D, { view, tone, hasHeat }: BackgroundLook): void {
    const { width, height } = context.canvas;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = GROUND;
    context.fillRect(0, 0, width, height);
    context.setTransform(view.zoom, 0, 0, view.zoom, view.x, view.y);
    context.imageSmoothingEnabled = view.zoom < 1;
    context.drawImage(this.layers.picture, 0, 0);
    if (!isPlain(tone)) {
      const pixels = context.getImageData(0, 0, width, height);
      applyTone(pixels.data, toneTable(tone));
      context.putImageData(pixels, 0, 0);
    }
    context.imageSmoothingEnabled = false;
    const heat = hasHeat ? this.layers.heat() : null;
    if (heat !== null) {
      context.globalAlpha = HEAT_OPACITY;
      context.drawImage(heat, 0, 0);
      context.globalAlpha = 1;
    }
    if (this.layers.veil !== null) {
      context.drawImage(this.layers.veil.shade, 0, 0);
      for (const [width, colour] of BORDER) {
        context.lineWidth = width / view.zoom;
        context.strokeStyle = colour;
        context.stroke(this.layers.veil.border);
      }
    }
  }
}

function isSame(one: BackgroundLook, other: BackgroundLook): boolean {
  const [a, b] = [one.tone, other.tone];
  const [v, w] = [one.view, other.view];
  return (
    v.zoom === w.zoom && v.x === w.x && v.y === w.y && one.hasHeat === other.hasHeat &&
    a.brightness === b.brightness && a.contrast === b.contrast && a.gamma === b.gamma
  );
}
