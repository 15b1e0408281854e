import { type PointerEvent as ReactPointerEvent, useState } from "react";

import type { ToolBox } from "../engine/tool-box";
import { type TouchActs, Touches } from "../engine/touches";
import { toImage, type Viewport, zoomedAt } from "../engine/viewport";
import { placeOn } from "./place-on";

interface TouchWork {
  tools: ToolBox;
  view: Viewport;
  onView: (change: (view: Viewport) => Viewport) => void;
  onPan: (dx: number, dy: number) => void;
  onStep: () => void;
}

export type CanvasPointerEvent = ReactPointerEvent<HTMLCanvasElement>;

/** Turns what fingers do on the canvas into strokes, pans and zooms. */
export function useTouches({ tools, view, onView, onPan, onStep }: TouchWork) {
  const [touches] = useState(() => new Touches());
  const acts: TouchActs = {
    press: (place) => tools.press(toImage(view, place), false, view.zoom / devicePixelRatio),
    move: (place) => tools.move(toImage(view, place)),
    release: (place) => {
      if (tools.release(toImage(view, place))) {
        onStep();
      }
    },
    drop: () => tools.dropStroke(),
    pinch: (from, to, factor) => {
      onView((now) => zoomedAt(now, from, now.zoom * factor));
      onPan(to.x - from.x, to.y - from.y);
    },
  };
  const place = (event: CanvasPointerEvent) => placeOn(event.currentTarget, event);
  return {
    down: (event: CanvasPointerEvent) => {
      event.preventDefault();
      touches.down(event.pointerId, place(event), acts);
    },
    move: (event: CanvasPointerEvent) => touches.move(event.pointerId, place(event), devicePixelRatio, acts),
    up: (event: CanvasPointerEvent) => touches.up(event.pointerId, place(event), acts),
    cancel: (event: CanvasPointerEvent) => touches.cancel(event.pointerId, acts),
  };
}
