import { Table } from "@mantine/core";
import type { ReactNode } from "react";

/** Up to so many rows a table is shown whole: a box of its own scroll bar hides rows that the page has room for. */
const WHOLE_ROWS = 30;

interface TallTableProps {
  /** Lines of the table. */
  rows: number;
  minWidth: number;
  /** Height of a table of more rows, in pixels. */
  maxHeight?: number;
  /** How many rows are shown whole; fewer where rows are high. */
  wholeRows?: number;
  /** Whether nothing in it can be reached by key, so that the box itself has to be, to be scrolled. */
  isPlain?: boolean;
  children: ReactNode;
}

/** Holds a table: scrolls sideways where it is too wide, and has a height of its own only where its rows are many. */
export function TallTable({ rows, minWidth, maxHeight = 640, wholeRows = WHOLE_ROWS, isPlain = false, children }: TallTableProps) {
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      {...(rows > wholeRows && { maxHeight })}
      {...(isPlain && { scrollAreaProps: { viewportProps: { tabIndex: 0 } } })}
    >
      {children}
    </Table.ScrollContainer>
  );
}
