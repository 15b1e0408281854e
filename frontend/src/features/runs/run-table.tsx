import { Skeleton } from "@mantine/core";
import { type MouseEvent, type RefObject, useEffect, useEffectEvent, useRef } from "react";
import { useNavigate } from "react-router";

import type { RunSummary } from "../../api/types";
import { useRowWindow } from "../../components/use-row-window";
import type { ListHeadline } from "./list-headline";
import type { RunOrder } from "./merge-runs";
import type { RunSort } from "./run-filters";
import { ROW_HEIGHT, RunRow } from "./run-row";
import { clickOf, type RowClick } from "./row-click";
import { RunTableHead } from "./run-table-head";
import "./run-table.css";

/** Rows before the end at which the next page is fetched, so that scrolling seldom waits. */
const READ_AHEAD = 60;
const LOADING_ROWS = 5;

type Box = RefObject<HTMLDivElement | null>;

interface RunTableProps {
  headline: ListHeadline;
  runs: readonly RunSummary[];
  /** Runs on all pages; null where that is not known. */
  total: number | null;
  isLoading: boolean;
  order: RunOrder;
  selected: ReadonlySet<string>;
  activeId: string | null;
  onSort: (sort: RunSort) => void;
  onSelectAll: () => void;
  onClick: (run: RunSummary, click: RowClick) => void;
  /** Called when the last rows come near; null where there are no more to fetch. */
  onEnd: (() => void) | null;
}

/** A table that draws only the rows in view, so that 10,000 scroll smoothly. */
export function RunTable(props: RunTableProps) {
  const { runs, total, selected } = props;
  const box = useRef<HTMLDivElement>(null);
  return (
    <div ref={box} className="run-table">
      <table aria-rowcount={(total ?? runs.length) + 1} aria-label="runs" aria-busy={props.isLoading}>
        <RunTableHead
          headline={props.headline}
          order={props.order}
          selected={selected.size === 0 ? "none" : selected.size >= runs.length ? "all" : "some"}
          onSort={props.onSort}
          onSelectAll={props.onSelectAll}
        />
        <RunTableBody box={box} {...props} />
      </table>
    </div>
  );
}

/** The rows: all that is drawn anew while the table is scrolled. */
function RunTableBody({ box, runs, isLoading, selected, activeId, onEnd, onClick }: RunTableProps & { box: Box }) {
  const navigate = useNavigate();
  const { first, end, before, isFast } = useRowWindow(box, runs.length, ROW_HEIGHT);
  const isNearEnd = end + READ_AHEAD >= runs.length;
  useEffect(() => {
    if (isNearEnd) {
      onEnd?.();
    }
  }, [isNearEnd, onEnd]);
  useActiveInView(box, activeId, runs);
  const click = (event: MouseEvent<HTMLElement>) => {
    const found = clickOf(event);
    const run = runs.find((each) => each.id === found?.runId);
    if (found?.address !== undefined) {
      void navigate(found.address);
    } else if (found !== null && run !== undefined) {
      onClick(run, found);
    }
  };
  return (
    <tbody onClick={click} style={{ height: Math.max(runs.length, isLoading ? LOADING_ROWS : 0) * ROW_HEIGHT }}>
      {isLoading && <LoadingRows />}
      {/* Rows that are placed one by one would each have a style of its own, and the browser searches all of them. */}
      <tr className="rows-above" aria-hidden="true" style={{ height: before }} />
      {runs.slice(first, end).map((run, place) => (
        <RunRow
          key={run.id}
          run={run}
          place={first + place + 1}
          isSelected={selected.has(run.id)}
          isActive={run.id === activeId}
          isBrief={isFast}
        />
      ))}
    </tbody>
  );
}

/** Scrolls as far as is needed to see the row that the keys have come to. */
function useActiveInView(box: Box, activeId: string | null, runs: readonly RunSummary[]) {
  const show = useEffectEvent(() => {
    const element = box.current;
    const place = runs.findIndex((run) => run.id === activeId);
    if (element !== null && place >= 0) {
      const top = place * ROW_HEIGHT;
      // The head covers as much as one row.
      const lowest = top + 2 * ROW_HEIGHT - element.clientHeight;
      element.scrollTo({ top: Math.max(lowest, Math.min(element.scrollTop, top)) });
    }
  });
  useEffect(() => show(), [activeId]);
}

function LoadingRows() {
  return Array.from({ length: LOADING_ROWS }, (_, row) => (
    <tr key={row} className="loading-row">
      <td>
        <Skeleton height={18} />
      </td>
    </tr>
  ));
}
