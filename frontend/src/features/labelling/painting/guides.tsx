import { brushCentre, brushSpans } from "../engine/brush";
import type { Point } from "../engine/rect";
import type { ToolBox } from "../engine/tool-box";
import { type Size, toScreen, type Viewport } from "../engine/viewport";
import type { PaintState } from "./paint-state";
import { type PointerTrack, usePlace } from "./pointer-track";

/** From this zoom on the brush is drawn pixel by pixel. */
const EXACT_FROM_ZOOM = 3;
const MOST_EXACT_PX = 64;
const CROSS_PX = 9;

interface GuidesProps {
  state: PaintState;
  tools: ToolBox;
  track: PointerTrack;
  view: Viewport;
  /** Of the canvas, in its own pixels. */
  size: Size;
}

/** What is drawn over the canvas and never painted: the brush in its true size, a polygon or rectangle that is begun, the cross. */
export function Guides({ state, tools, track, view, size }: GuidesProps) {
  const place = usePlace(track);
  const line = lineOf(tools, place).map((corner) => toScreen(view, corner));
  const piece = place !== null && state.tool === "superpixel" ? piecePath(tools, place, view) : "";
  const isBrush = state.tool === "brush" || state.tool === "eraser";
  return (
    <svg className="paint-guides" viewBox={`0 0 ${size.width} ${size.height}`} preserveAspectRatio="none" aria-hidden="true">
      {line.length > 0 && <Twice d={`M${line.map(({ x, y }) => `${x} ${y}`).join("L")}`} />}
      {piece !== "" && <Twice d={piece} />}
      {place !== null && isBrush && <Twice d={brushPath(state, place, view)} />}
      {place !== null && track.isByKeys && <Twice d={crossPath(toScreen(view, place))} />}
    </svg>
  );
}

/** A line that is seen on every ground. */
function Twice({ d }: { d: string }) {
  return (
    <>
      <path d={d} className="guide-dark" />
      <path d={d} className="guide-light" />
    </>
  );
}

function crossPath({ x, y }: Point): string {
  return `M${x - CROSS_PX} ${y}h${2 * CROSS_PX}M${x} ${y - CROSS_PX}v${2 * CROSS_PX}`;
}

/** The outline of the superpixel under the pointer. */
function piecePath({ superpixels }: ToolBox, place: Point, view: Viewport): string {
  const piece = superpixels?.at(place) ?? null;
  let path = "";
  if (piece !== null) {
    superpixels?.border(piece, (fromX, fromY, toX, toY) => {
      const [from, to] = [toScreen(view, { x: fromX, y: fromY }), toScreen(view, { x: toX, y: toY })];
      path += `M${from.x} ${from.y}L${to.x} ${to.y}`;
    });
  }
  return path;
}

/** The outline of a brush on the screen: of the pixels that it would paint, or of its shape where they are too small to see. */
export function brushPath({ brush }: Pick<PaintState, "brush">, place: Point, view: Viewport): string {
  const centre = toScreen(view, brushCentre(brush, place));
  const half = (brush.size * view.zoom) / 2;
  if (brush.shape === "square") {
    return `M${centre.x - half} ${centre.y - half}h${2 * half}v${2 * half}h${-2 * half}z`;
  }
  if (view.zoom < EXACT_FROM_ZOOM || brush.size > MOST_EXACT_PX) {
    return `M${centre.x - half} ${centre.y}a${half} ${half} 0 1 0 ${2 * half} 0a${half} ${half} 0 1 0 ${-2 * half} 0`;
  }
  const [right, left]: [Point[], Point[]] = [[], []];
  brushSpans(brush, place, place, (row, from, end) => {
    right.push({ x: end, y: row }, { x: end, y: row + 1 });
    left.unshift({ x: from, y: row + 1 }, { x: from, y: row });
  });
  const corners = [...right, ...left].map((corner) => toScreen(view, corner));
  return `M${corners.map(({ x, y }) => `${x} ${y}`).join("L")}z`;
}

function lineOf({ corners, origin }: ToolBox, place: Point | null): readonly Point[] {
  if (corners.length > 0) {
    return place === null ? corners : [...corners, place];
  }
  if (origin === null || place === null) {
    return [];
  }
  const [left, right] = [Math.floor(Math.min(origin.x, place.x)), Math.floor(Math.max(origin.x, place.x)) + 1];
  const [top, bottom] = [Math.floor(Math.min(origin.y, place.y)), Math.floor(Math.max(origin.y, place.y)) + 1];
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
    { x: left, y: top },
  ];
}
