import type { Point } from "../engine/rect";

/** The place of a pointer in device pixels of a canvas, whatever the zoom of the browser and of the screen. */
export function placeOn(canvas: HTMLCanvasElement, { clientX, clientY }: { clientX: number; clientY: number }): Point {
  const box = canvas.getBoundingClientRect();
  return { x: ((clientX - box.left) * canvas.width) / box.width, y: ((clientY - box.top) * canvas.height) / box.height };
}
