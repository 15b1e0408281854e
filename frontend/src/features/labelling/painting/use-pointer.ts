import { type PointerEvent as ReactPointerEvent, useRef, type WheelEvent } from "react";

import type { Point } from "../engine/rect";
import type { ToolBox } from "../engine/tool-box";
import { toImage, type Viewport, zoomedAt } from "../engine/viewport";
import type { PointerTrack } from "./pointer-track";

const RIGHT_BUTTON = 2;
const MIDDLE_BUTTON = 1;
const WHEEL_ZOOM = 1.0015;

interface PointerWork {
  tools: ToolBox;
  track: PointerTrack;
  view: Viewport;
  /** Whether Space is held: then a press moves the image and paints nothing. */
  isPanning: boolean;
  onView: (change: (view: Viewport) => Viewport) => void;
  onPan: (dx: number, dy: number) => void;
  onStep: () => void;
  onSize: (steps: number) => void;
}

/** The place of a pointer in device pixels of a canvas, whatever the zoom of the browser and of the screen. */
function placeOn(canvas: HTMLCanvasElement, { clientX, clientY }: { clientX: number; clientY: number }): Point {
  const box = canvas.getBoundingClientRect();
  return { x: ((clientX - box.left) * canvas.width) / box.width, y: ((clientY - box.top) * canvas.height) / box.height };
}

/** Turns what a mouse or pen does on the canvas into strokes and views. */
export function usePointer({ tools, track, view, isPanning, onView, onPan, onStep, onSize }: PointerWork) {
  const held = useRef<"paint" | "pan" | null>(null);
  const last = useRef<Point>({ x: 0, y: 0 });

  const press = (event: ReactPointerEvent<HTMLCanvasElement>) => {
    if (held.current !== null || !["mouse", "pen"].includes(event.pointerType)) {
      return;
    }
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    last.current = placeOn(event.currentTarget, event);
    if (isPanning || event.button === MIDDLE_BUTTON) {
      held.current = "pan";
      return;
    }
    held.current = "paint";
    tools.press(toImage(view, last.current), event.button === RIGHT_BUTTON || event.ctrlKey || event.altKey, view.zoom / devicePixelRatio);
    track.move(toImage(view, last.current));
  };

  const move = (event: ReactPointerEvent<HTMLCanvasElement>) => {
    const canvas = event.currentTarget;
    const place = placeOn(canvas, event);
    if (held.current === "pan") {
      onPan(place.x - last.current.x, place.y - last.current.y);
    } else if (held.current === "paint") {
      const ways = event.nativeEvent.getCoalescedEvents();
      (ways.length > 0 ? ways : [event.nativeEvent]).forEach((way) => tools.move(toImage(view, placeOn(canvas, way))));
    }
    last.current = place;
    track.move(toImage(view, place));
  };

  const release = (event: ReactPointerEvent<HTMLCanvasElement>) => {
    if (held.current === "paint" && tools.release(toImage(view, placeOn(event.currentTarget, event)))) {
      onStep();
    }
    held.current = null;
    track.move(toImage(view, placeOn(event.currentTarget, event)));
  };

  const wheel = (event: WheelEvent<HTMLCanvasElement>) => {
    if (event.shiftKey) {
      onSize(event.deltaY + event.deltaX < 0 ? 1 : -1);
      return;
    }
    const place = placeOn(event.currentTarget, event);
    onView((now) => zoomedAt(now, place, now.zoom * WHEEL_ZOOM ** -event.deltaY));
  };

  return {
    onPointerDown: press,
    onPointerMove: move,
    onPointerUp: release,
    onPointerCancel: release,
    onPointerLeave: () => held.current === null && track.move(null),
    onWheel: wheel,
    onContextMenu: (event: { preventDefault: () => void }) => event.preventDefault(),
    onDoubleClick: () => {
      if (tools.closePolygon()) {
        onStep();
      }
      track.move(track.place);
    },
  };
}
