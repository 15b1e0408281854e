import { type RefObject, useEffect, useState } from "react";

/** Rows of a long list that are in view, and the empty space before and after them. */
export interface RowWindow {
  first: number;
  /** One past the last. */
  end: number;
  before: number;
  after: number;
}

const OVERSCAN = 12;

/** Which of `count` rows of equal height are seen at a scroll position, all lengths in pixels. */
export function rowWindow(count: number, rowHeight: number, scrollTop: number, viewHeight: number): RowWindow {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - OVERSCAN);
  const end = Math.min(count, Math.ceil((scrollTop + viewHeight) / rowHeight) + OVERSCAN);
  return { first, end, before: first * rowHeight, after: (count - end) * rowHeight };
}

/** Follows the scrolling of a box; only the rows of the window need to be drawn. */
export function useRowWindow(box: RefObject<HTMLElement | null>, count: number, rowHeight: number): RowWindow {
  const [view, setView] = useState({ top: 0, height: 800 });
  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return;
    }
    const look = () => {
      // Whole rows, so that most scroll events change nothing.
      const top = Math.floor(element.scrollTop / rowHeight) * rowHeight;
      const height = element.clientHeight || 800;
      setView((before) => (before.top === top && before.height === height ? before : { top, height }));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [box, rowHeight]);
  return rowWindow(count, rowHeight, view.top, view.height);
}
