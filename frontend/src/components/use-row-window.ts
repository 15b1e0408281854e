import { type RefObject, useEffect, useState } from "react";

/** Rows of a long list that are in view, and the empty space before and after them. */
export interface RowWindow {
  first: number;
  /** One past the last. */
  end: number;
  before: number;
  after: number;
}

const OVERSCAN = 6;
/** Rows a frame from which on a list is dragged too fast to be read, and how long until it counts as still. */
const FAST_ROWS = 3;
const SETTLED_MS = 120;

/** Which of `count` rows of equal height are seen at a scroll position, all lengths in pixels. */
export function rowWindow(count: number, rowHeight: number, scrollTop: number, viewHeight: number): RowWindow {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - OVERSCAN);
  const end = Math.min(count, Math.ceil((scrollTop + viewHeight) / rowHeight) + OVERSCAN);
  return { first, end, before: first * rowHeight, after: (count - end) * rowHeight };
}

/** Follows the scrolling of a box; only the rows of the window need to be drawn, and while `isFast` not in full. */
export function useRowWindow(box: RefObject<HTMLElement | null>, count: number, rowHeight: number): RowWindow & { isFast: boolean } {
  const [view, setView] = useState({ top: 0, height: 800, isFast: false });
  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return;
    }
    const change = (next: Partial<typeof view>) =>
      setView((before) => {
        const after = { ...before, ...next };
        const isSame = after.top === before.top && after.height === before.height && after.isFast === before.isFast;
        return isSame ? before : after;
      });
    let lastTop = element.scrollTop;
    let settling: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      const { scrollTop } = element;
      const isFast = Math.abs(scrollTop - lastTop) > FAST_ROWS * rowHeight;
      lastTop = scrollTop;
      if (isFast) {
        clearTimeout(settling);
        settling = setTimeout(() => change({ isFast: false }), SETTLED_MS);
      }
      // Whole rows, so that most scroll events change nothing.
      const top = Math.floor(scrollTop / rowHeight) * rowHeight;
      change({ top, height: element.clientHeight || 800, ...(isFast && { isFast }) });
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    // The browser sends one such event a frame.
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      clearTimeout(settling);
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [box, rowHeight]);
  return { ...rowWindow(count, rowHeight, view.top, view.height), isFast: view.isFast };
}
