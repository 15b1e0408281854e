import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import { panned, type Size, type Viewport } from "../engine/viewport";
import { AssistantLayer } from "./assistant/assistant-layer";
import { Guides } from "./guides";
import type { PaintWork } from "./load-work";
import { Minimap } from "./minimap";
import { type PaintState, styleOf } from "./paint-state";
import { Screen } from "./screen/screen";
import { heatOf, veilOver } from "./screen/veil";
import { usePointer } from "./use-pointer";
import type { Painting } from "./use-painting";

interface PaintCanvasProps {
  work: PaintWork;
  painting: Painting;
  /** What keys that are held do. */
  isPanning: boolean;
  isHiding: boolean;
  /** What lies over the image. */
  children?: ReactNode;
}

/** The canvas: it draws picture and labels, and tells the tools what the pointer does. */
export function PaintCanvas({ work, painting, isPanning, isHiding, children }: PaintCanvasProps) {
  const { state, tools, track, view, changeView } = painting;
  const { active } = painting.assistant;
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useCanvasSize(canvas, painting.setScreen);
  useScreen(canvas, work, state, view, !isHiding);
  const onPan = (dx: number, dy: number) => size !== null && changeView((now) => panned(now, dx, dy, work.query, size));
  const handlers = usePointer({
    tools,
    track,
    view,
    isPanning,
    onView: changeView,
    onPan,
    onStep: painting.stepped,
    onSize: (steps) => painting.change({ type: "size", steps }),
  });
  return (
    <div className="paint-stage" data-panning={isPanning} data-tool={state.tool}>
      <canvas ref={canvas} className="paint-canvas" role="img" aria-label={`labels of ${work.query.image}`} tabIndex={0} {...handlers} />
      {size !== null && active !== null && <AssistantLayer session={active} colour={colourOf(work, state)} view={view} size={size} />}
      {size !== null && !isPanning && <Guides state={state} tools={tools} track={track} view={view} size={size} />}
      {size !== null && state.hasMinimap && <Minimap work={work} view={view} screen={size} onView={changeView} />}
      {children}
    </div>
  );
}

/** The colour of the chosen class; "unsure" has none of its own. */
function colourOf({ query: { classes } }: PaintWork, { classId }: PaintState): string {
  return classes.find(({ id }) => id === classId)?.colour ?? "#808080";
}

/** Draw the work on a canvas as the state says. */
function useScreen(canvas: { current: HTMLCanvasElement | null }, work: PaintWork, state: PaintState, view: Viewport, hasOverlay: boolean): void {
  const screen = useRef<Screen>(null);
  const { hidden, opacity, tone, hasHeat } = state;
  // Under the colours of the uncertainty only outlines can be told apart.
  const isOutline = state.isOutline || hasHeat;
  const style = useMemo(() => styleOf({ isOutline, hidden }, work.query.classes), [isOutline, hidden, work]);
  const look = { view, style, hasOverlay, opacity: isOutline ? 1 : opacity / 100, tone, hasHeat };
  const latest = useRef(look);
  useEffect(() => {
    latest.current = look;
    screen.current?.show(look);
  });
  useEffect(() => {
    if (canvas.current === null) {
      return;
    }
    const { picture, queried, query, proposal, painter } = work;
    const layers = { picture, veil: veilOver(queried, query), heat: heatOf(proposal.uncertainty, query) };
    const made = new Screen(canvas.current, painter.map, layers, latest.current);
    screen.current = made;
    const stop = painter.listen((rect) => made.repaint(rect));
    return () => {
      stop();
      made.close();
    };
  }, [canvas, work]);
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
