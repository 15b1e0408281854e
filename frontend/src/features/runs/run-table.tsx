import { Skeleton, Table } from "@mantine/core";
import { useEffect, useRef } from "react";

import type { RunSummary } from "../../api/types";
import { useRowWindow } from "../../components/use-row-window";
import { ROW_HEIGHT, RunRow } from "./run-row";
import "./run-table.css";

interface RunTableProps {
  runs: readonly RunSummary[];
  isLoading: boolean;
  /** Called when the last rows come into view; null where there are no more to fetch. */
  onEnd: (() => void) | null;
}

const COLUMNS = ["State", "Run", "Method", "Seed", "Progress", "Left", "mIoU", "Created", ""];

/** A table that draws only the rows in view, so that 10,000 scroll smoothly. */
export function RunTable({ runs, isLoading, onEnd }: RunTableProps) {
  const box = useRef<HTMLDivElement>(null);
  const { first, end, before, after } = useRowWindow(box, runs.length, ROW_HEIGHT);
  const isAtEnd = end >= runs.length;
  useEffect(() => {
    if (isAtEnd) {
      onEnd?.();
    }
  }, [isAtEnd, onEnd]);
  return (
    <div ref={box} className="run-table">
      <Table stickyHeader highlightOnHover aria-rowcount={runs.length} aria-label="runs">
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map((title) => (
              <Table.Th key={title} className={title === "mIoU" || title === "Seed" || title === "Left" ? "number" : ""}>
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {isLoading && <LoadingRows />}
          <Spacer height={before} />
          {runs.slice(first, end).map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
          <Spacer height={after} />
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Spacer({ height }: { height: number }) {
  return height === 0 ? null : <tr aria-hidden="true" style={{ height }} />;
}

function LoadingRows() {
  return [0, 1, 2, 3, 4].map((row) => (
    <Table.Tr key={row} h={ROW_HEIGHT}>
      <Table.Td colSpan={COLUMNS.length}>
        <Skeleton height={18} />
      </Table.Td>
    </Table.Tr>
  ));
}
