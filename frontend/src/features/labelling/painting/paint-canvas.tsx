import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import { brushCentre } from "../engine/brush";
import type { Point } from "../engine/rect";
import type { ToolBox } from "../engine/tool-box";
import { fitted, panned, type Size, toScreen, type Viewport } from "../engine/viewport";
import type { PaintWork } from "./load-work";
import { type PaintState, styleOf } from "./paint-state";
import { Screen } from "./screen";
import { usePointer } from "./use-pointer";
import { veilOver } from "./veil";

interface PaintCanvasProps {
  work: PaintWork;
  tools: ToolBox;
  state: PaintState;
  view: Viewport | null;
  isPanning: boolean;
  onView: (change: (view: Viewport) => Viewport) => void;
  onScreen: (size: Size) => void;
  onStep: () => void;
  onSize: (steps: number) => void;
}

/** The canvas: it draws picture and labels, and tells the tools what the pointer does. */
export function PaintCanvas({ work, tools, state, view, isPanning, onView, onScreen, onStep, onSize }: PaintCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const screen = useRef<Screen>(null);
  const size = useCanvasSize(canvas, onScreen);
  const { opacity, isOutline, hidden } = state;
  const style = useMemo(() => styleOf({ opacity, isOutline, hidden }, work.query.classes), [opacity, isOutline, hidden, work]);
  const shown = view ?? fitted(work.query, size ?? { width: 1, height: 1 });
  const look = { view: shown, style, hasOverlay: !state.isHidden, brightness: state.brightness, contrast: state.contrast };
  const latest = useRef(look);
  const { hover, handlers } = usePointer({
    tools,
    view: shown,
    isPanning,
    onView,
    onPan: (dx, dy) => size !== null && onView((now) => panned(now, dx, dy, work.query, size)),
    onStep,
    onSize,
    onDraw: () => screen.current?.ask(),
  });
  const guide = useRef<Point | null>(null);
  useEffect(() => {
    guide.current = hover;
    latest.current = look;
    screen.current?.show(look);
  });
  useEffect(() => {
    if (canvas.current === null) {
      return;
    }
    const guides = () => guidesOf(tools, guide.current);
    const made = new Screen(canvas.current, work.picture, work.painter.map, veilOver(work.queried, work.query), latest.current, guides);
    screen.current = made;
    const stop = work.painter.listen((rect) => made.repaint(rect));
    return () => {
      stop();
      made.close();
    };
  }, [work, tools]);
  return (
    <div className="paint-stage" data-panning={isPanning}>
      <canvas ref={canvas} className="paint-canvas" role="img" aria-label={`labels of ${work.query.image}`} tabIndex={0} {...handlers} />
      {hover !== null && !isPanning && <BrushCursor state={state} place={hover} view={shown} canvas={size} />}
    </div>
  );
}

function guidesOf({ corners, origin }: ToolBox, hover: Point | null): readonly Point[] {
  if (corners.length > 0) {
    return hover === null ? corners : [...corners, hover];
  }
  if (origin === null || hover === null) {
    return [];
  }
  const [left, right] = [Math.floor(Math.min(origin.x, hover.x)), Math.floor(Math.max(origin.x, hover.x)) + 1];
  const [top, bottom] = [Math.floor(Math.min(origin.y, hover.y)), Math.floor(Math.max(origin.y, hover.y)) + 1];
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
    { x: left, y: top },
  ];
}

/** The brush at its place and in its size. */
function BrushCursor({ state, place, view, canvas }: { state: PaintState; place: Point; view: Viewport; canvas: Size | null }): ReactNode {
  if ((state.tool !== "brush" && state.tool !== "eraser") || canvas === null) {
    return null;
  }
  const at = toScreen(view, brushCentre(state.brush, place));
  const width = state.brush.size * view.zoom;
  const percent = (value: number, whole: number) => `${(100 * value) / whole}%`;
  return (
    <span
      className="brush-cursor"
      style={{
        left: percent(at.x - width / 2, canvas.width),
        top: percent(at.y - width / 2, canvas.height),
        width: percent(width, canvas.width),
        height: percent(width, canvas.height),
        borderRadius: state.brush.shape === "round" ? "50%" : 0,
      }}
    />
  );
}

/** Give a canvas as many pixels as the screen has under it, and tell how many. */
function useCanvasSize(canvas: { current: HTMLCanvasElement | null }, onScreen: (size: Size) => void): Size | null {
  const [size, setSize] = useState<Size | null>(null);
  const told = useRef(onScreen);
  useEffect(() => {
    told.current = onScreen;
  });
  useEffect(() => {
    const shown = canvas.current;
    if (shown === null) {
      return;
    }
    const watch = new ResizeObserver(([entry]) => {
      const box = entry?.devicePixelContentBoxSize[0];
      if (box !== undefined) {
        const found = { width: Math.max(1, box.inlineSize), height: Math.max(1, box.blockSize) };
        Object.assign(shown, found);
        setSize(found);
        told.current(found);
      }
    });
    watch.observe(shown, { box: "device-pixel-content-box" });
    // React listens to the wheel without a right to stop the page from scrolling.
    const still = (event: Event) => event.preventDefault();
    shown.addEventListener("wheel", still, { passive: false });
    return () => {
      watch.disconnect();
      shown.removeEventListener("wheel", still);
    };
  }, [canvas]);
  return size;
}
