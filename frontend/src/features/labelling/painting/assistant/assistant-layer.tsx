import { useEffect, useRef } from "react";

import type { AssistantSession } from "../../engine/assistant-session";
import type { Candidate } from "../../engine/candidate";
import { paintCut } from "../../engine/cut-colours";
import type { Point } from "../../engine/rect";
import { type Size, toScreen, type Viewport } from "../../engine/viewport";
import { useSession } from "./use-assistant";

const CLICK_PX = 6;
const OPACITY = { preview: 0.4, answer: 0.6 };

interface AssistantLayerProps {
  session: AssistantSession;
  /** Of the chosen class, "#rrggbb". */
  colour: string;
  view: Viewport;
  /** Of the canvas, in its own pixels. */
  size: Size;
}

/** What the assistant offers, over the labels: the mask, the clicks that asked for it, and the box. */
export function AssistantLayer({ session, colour, view, size }: AssistantLayerProps) {
  const version = useSession(session);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d") ?? null;
    if (context === null) {
      return;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    const { candidate } = session;
    if (candidate !== null) {
      context.globalAlpha = session.isPreview ? OPACITY.preview : OPACITY.answer;
      drawMask(context, candidate, colour, view);
      context.globalAlpha = 1;
    }
  }, [session, version, colour, view, size]);
  const { drawnBox, clicks } = session;
  const shown = session.candidate === null || session.isWaiting ? "nothing" : session.isPreview ? "preview" : "answer";
  return (
    <>
      <canvas ref={canvas} className="assistant-mask" data-shown={shown} width={size.width} height={size.height} aria-hidden="true" />
      <svg className="paint-guides" viewBox={`0 0 ${size.width} ${size.height}`} preserveAspectRatio="none" aria-hidden="true">
        {drawnBox !== null && <Lines d={boxPath(drawnBox, view)} />}
        {clicks.map((click, index) => (
          <Lines key={index} d={clickPath(click.isPositive, toScreen(view, { x: click.x + 0.5, y: click.y + 0.5 }))} />
        ))}
      </svg>
    </>
  );
}

function Lines({ d }: { d: string }) {
  return (
    <>
      <path d={d} className="guide-dark" />
      <path d={d} className="guide-light" />
    </>
  );
}

function boxPath([from, to]: readonly [Point, Point], view: Viewport): string {
  const [left, right] = [Math.floor(Math.min(from.x, to.x)), Math.floor(Math.max(from.x, to.x)) + 1];
  const [top, bottom] = [Math.floor(Math.min(from.y, to.y)), Math.floor(Math.max(from.y, to.y)) + 1];
  const [one, other] = [toScreen(view, { x: left, y: top }), toScreen(view, { x: right, y: bottom })];
  return `M${one.x} ${one.y}H${other.x}V${other.y}H${one.x}z`;
}

/** A plus on the object, a minus beside it, within a ring: told apart without colours. */
function clickPath(isPositive: boolean, { x, y }: Point): string {
  const ring = `M${x - CLICK_PX} ${y}a${CLICK_PX} ${CLICK_PX} 0 1 0 ${2 * CLICK_PX} 0a${CLICK_PX} ${CLICK_PX} 0 1 0 ${-2 * CLICK_PX} 0`;
  const minus = `M${x - CLICK_PX / 2} ${y}h${CLICK_PX}`;
  return ring + minus + (isPositive ? `M${x} ${y - CLICK_PX / 2}v${CLICK_PX}` : "");
}

const drawn = new WeakMap<Candidate, { colour: string; canvas: OffscreenCanvas }>();

function drawMask(context: CanvasRenderingContext2D, candidate: Candidate, colour: string, { zoom, x, y }: Viewport): void {
  const { rect } = candidate.cut;
  let made = drawn.get(candidate);
  if (made?.colour !== colour) {
    made = { colour, canvas: coloured(candidate, colour) };
    drawn.set(candidate, made);
  }
  context.setTransform(zoom, 0, 0, zoom, x, y);
  context.imageSmoothingEnabled = false;
  context.drawImage(made.canvas, rect.left, rect.top);
}

/** The mask as a picture. */
function coloured({ cut }: Candidate, colour: string): OffscreenCanvas {
  const { left, top, right, bottom } = cut.rect;
  const canvas = new OffscreenCanvas(right - left, bottom - top);
  const image = new ImageData(canvas.width, canvas.height);
  paintCut(new Uint32Array(image.data.buffer), cut, colour);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas;
}
