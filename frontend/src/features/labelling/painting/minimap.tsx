import { type PointerEvent, useEffect, useRef } from "react";

import { isEmpty } from "../engine/rect";
import { centredOn, type Size, type Viewport, visible } from "../engine/viewport";
import type { PaintWork } from "./load-work";

/** The longer side of the small map, in pixels of the page. */
const SIDE_PX = 168;

interface MinimapProps {
  work: PaintWork;
  view: Viewport;
  screen: Size;
  onView: (change: (view: Viewport) => Viewport) => void;
}

/** The whole image, with what is seen of it; a press or a drag goes there. Shown while not all is in sight. */
export function Minimap({ work, view, screen, onView }: MinimapProps) {
  const { query, picture } = work;
  const canvas = useRef<HTMLCanvasElement>(null);
  const scale = SIDE_PX / Math.max(query.width, query.height);
  const seen = visible(view, query, screen);
  const isWhole = seen.left <= 0 && seen.top <= 0 && seen.right >= query.width && seen.bottom >= query.height;
  const [width, height] = [Math.max(1, Math.round(query.width * scale)), Math.max(1, Math.round(query.height * scale))];
  useEffect(() => {
    canvas.current?.getContext("2d")?.drawImage(picture, 0, 0, width, height);
  }, [picture, width, height, isWhole]);
  if (isWhole) {
    return null;
  }
  const go = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons === 0) {
      return;
    }
    event.currentTarget.setPointerCapture(event.pointerId);
    const box = event.currentTarget.getBoundingClientRect();
    const place = { x: (event.clientX - box.left) / scale, y: (event.clientY - box.top) / scale };
    onView((now) => centredOn(place, screen, now.zoom));
  };
  return (
    <div className="minimap" aria-hidden="true" style={{ width, height }} onPointerDown={go} onPointerMove={go}>
      <canvas ref={canvas} width={width} height={height} />
      {!isEmpty(seen) && (
        <span
          style={{
            left: seen.left * scale,
            top: seen.top * scale,
            width: Math.max(4, (seen.right - seen.left) * scale),
            height: Math.max(4, (seen.bottom - seen.top) * scale),
          }}
        />
      )}
    </div>
  );
}
