import { useRef, type WheelEvent } from "react";

import type { Point } from "../engine/rect";
import type { ToolBox } from "../engine/tool-box";
import { toImage, type Viewport, zoomedAt } from "../engine/viewport";
import { placeOn } from "./place-on";
import type { PointerTrack } from "./pointer-track";
import { type CanvasPointerEvent, useTouches } from "./use-touches";

const RIGHT_BUTTON = 2;
const MIDDLE_BUTTON = 1;
const ERASER_OF_PEN = 5;
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

/** Fingers have gestures of their own; a pen is as good as a mouse. */
const isFinger = ({ pointerType }: { pointerType: string }) => pointerType === "touch";

/** Turns what a mouse, a pen or fingers do on the canvas into strokes and views. */
export function usePointer({ tools, track, view, isPanning, onView, onPan, onStep, onSize }: PointerWork) {
  const held = useRef<"paint" | "pan" | null>(null);
  const last = useRef<Point>({ x: 0, y: 0 });
  const touch = useTouches({ tools, view, onView, onPan, onStep });

  const press = (event: CanvasPointerEvent) => {
    if (held.current !== null) {
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
    const isErasing = [RIGHT_BUTTON, ERASER_OF_PEN].includes(event.button) || event.ctrlKey || event.altKey;
    tools.press(toImage(view, last.current), isErasing, view.zoom / devicePixelRatio);
    track.move(toImage(view, last.current));
  };

  const move = (event: CanvasPointerEvent) => {
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

  const release = (event: CanvasPointerEvent) => {
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
    onPointerDown: (event: CanvasPointerEvent) => (isFinger(event) ? touch.down : press)(event),
    onPointerMove: (event: CanvasPointerEvent) => (isFinger(event) ? touch.move : move)(event),
    onPointerUp: (event: CanvasPointerEvent) => (isFinger(event) ? touch.up : release)(event),
    onPointerCancel: (event: CanvasPointerEvent) => (isFinger(event) ? touch.cancel : release)(event),
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
