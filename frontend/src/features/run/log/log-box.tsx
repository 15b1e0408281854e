import { useEffect, useRef } from "react";

import type { LogEntry } from "../../../api/types";
import { useRowWindow } from "../../../components/use-row-window";
import { splitAtMatches } from "./log-lines";
import "./log-box.css";

const LINE_HEIGHT = 19;

interface LogBoxProps {
  lines: readonly LogEntry[];
  search: string;
  /** Number of the line to be looked at, which is brought into view. */
  focus: number | null;
  isFollowing: boolean;
  /** Told when the reader scrolls away from the end, or back to it. */
  onFollow: (isFollowing: boolean) => void;
}

/** Log lines of equal height; only those in view are drawn. */
export function LogBox({ lines, search, focus, isFollowing, onFollow }: LogBoxProps) {
  const box = useRef<HTMLDivElement>(null);
  const { first, end, before, after } = useRowWindow(box, lines.length, LINE_HEIGHT);
  useEffect(() => {
    if (isFollowing && box.current !== null) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [isFollowing, lines]);
  const place = focus === null ? -1 : lines.findIndex((line) => line.number === focus);
  useEffect(() => {
    const element = box.current;
    if (place >= 0 && element !== null) {
      element.scrollTop = place * LINE_HEIGHT - element.clientHeight / 2;
    }
  }, [place, focus]);
  const leaveOrJoin = () => {
    const element = box.current;
    if (element !== null) {
      onFollow(element.scrollTop + element.clientHeight >= element.scrollHeight - 2 * LINE_HEIGHT);
    }
  };
  return (
    <div ref={box} className="log-box" role="log" aria-label="log lines" tabIndex={0} onWheel={leaveOrJoin} onKeyUp={leaveOrJoin}>
      <div style={{ height: before }} />
      {lines.slice(first, end).map((line) => (
        <LogRow key={line.number} line={line} search={search} isFocus={line.number === focus} />
      ))}
      <div style={{ height: after }} />
    </div>
  );
}

function LogRow({ line, search, isFocus }: { line: LogEntry; search: string; isFocus: boolean }) {
  return (
    <div className="log-line" data-level={line.level} aria-current={isFocus}>
      <span className="log-number">{line.number}</span>
      {line.level !== "info" && <b>{line.level} </b>}
      {splitAtMatches(line.text, search).map((part, place) => (place % 2 === 1 ? <mark key={place}>{part}</mark> : part))}
    </div>
  );
}
