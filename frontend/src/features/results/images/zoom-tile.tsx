import { type PointerEvent, type ReactNode, useEffect, useEffectEvent, useRef } from "react";

import { panned, transformOf, type TilePlace, type ZoomView, zoomedAt } from "./zoom-view";

const WHEEL_FACTOR = 1.25;

interface ZoomTileProps {
  view: ZoomView;
  onView: (change: (before: ZoomView) => ZoomView) => void;
  children: ReactNode;
}

/** A picture of which only the view is seen: Ctrl and the wheel or a double click enlarge, and dragging moves. */
export function ZoomTile({ view, onView, children }: ZoomTileProps) {
  const tile = useRef<HTMLDivElement>(null);
  const last = useRef<TilePlace | null>(null);
  const turn = useEffectEvent((event: WheelEvent) => {
    if ((event.ctrlKey || event.metaKey) && tile.current !== null) {
      event.preventDefault();
      const place = placeIn(tile.current, event);
      onView((before) => zoomedAt(before, event.deltaY < 0 ? WHEEL_FACTOR : 1 / WHEEL_FACTOR, place));
    }
  });
  useEffect(() => {
    const element = tile.current;
    // React listens to the wheel passively, and could not keep the browser from zooming the page.
    element?.addEventListener("wheel", turn, { passive: false });
    return () => element?.removeEventListener("wheel", turn);
  }, []);
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const [before, now] = [last.current, placeIn(event.currentTarget, event)];
    if (before !== null) {
      last.current = now;
      onView((shown) => panned(shown, { x: now.x - before.x, y: now.y - before.y }));
    }
  };
  return (
    <div
      ref={tile}
      className="zoom-tile"
      data-zoomed={view.scale > 1 || undefined}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        last.current = placeIn(event.currentTarget, event);
      }}
      onPointerMove={move}
      onPointerUp={() => (last.current = null)}
      onPointerCancel={() => (last.current = null)}
      onDoubleClick={(event) => {
        const place = placeIn(event.currentTarget, event);
        onView((before) => zoomedAt(before, 2, place));
      }}
    >
      <div style={{ transform: transformOf(view), transformOrigin: "0 0" }}>{children}</div>
    </div>
  );
}

function placeIn(element: Element, { clientX, clientY }: { clientX: number; clientY: number }): TilePlace {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: (clientX - left) / (width || 1), y: (clientY - top) / (height || 1) };
}
