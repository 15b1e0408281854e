import { type RefObject, useEffect, useState } from "react";

import { type RowWindow, useRowWindow } from "../../components/use-row-window";

export const TILE_HEIGHT = 158;
const TILE_WIDTH = 112;

/** The tiles of a grid that are in view; `first` and `end` count tiles. */
export interface GridWindow extends RowWindow {
  columns: number;
}

/** How many tiles fit beside one another. */
export function columnsIn(width: number): number {
  return Math.max(1, Math.floor(width / TILE_WIDTH));
}

/** Follows the scrolling and the width of a box; only the tiles of the window need to be drawn. */
export function useGridWindow(box: RefObject<HTMLElement | null>, count: number): GridWindow {
  const [columns, setColumns] = useState(8);
  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return;
    }
    const look = () => setColumns(columnsIn(element.clientWidth || 8 * TILE_WIDTH));
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  const rows = useRowWindow(box, Math.ceil(count / columns), TILE_HEIGHT);
  return { ...rows, columns, first: rows.first * columns, end: Math.min(count, rows.end * columns) };
}
