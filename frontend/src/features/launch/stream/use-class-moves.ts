import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";

import { inShownOrder, neighbour, type Place, placeOf, type Steps, withMoved } from "./steps";

interface ClassMoves {
  /** Where the classes are drawn, each with its id as `data-class-id`. */
  container: RefObject<HTMLElement | null>;
  steps: Steps;
  ids: readonly number[];
  onChange: (steps: Steps) => void;
}

/** Selecting classes, moving them between steps, and walking among them with the arrow keys. */
export function useClassMoves({ container, steps, ids, onChange }: ClassMoves) {
  const wantsFocus = useRef<number | null>(null);
  const [selected, setSelected] = useState<readonly number[]>([]);
  const [reached, setReached] = useState<number | null>(null);
  const [said, setSaid] = useState("");
  const order = inShownOrder(steps, ids);
  const current = reached !== null && order.includes(reached) ? reached : (order[0] ?? null);

  useEffect(() => {
    // A class that moved is drawn anew in its new step; the focus follows it.
    const id = wantsFocus.current;
    wantsFocus.current = null;
    container.current?.querySelector<HTMLElement>(`[data-class-id="${id ?? ""}"]`)?.focus();
  });

  const focus = (id: number | undefined) => {
    if (id !== undefined) {
      wantsFocus.current = id;
      setReached(id);
      container.current?.querySelector<HTMLElement>(`[data-class-id="${id}"]`)?.focus();
    }
  };
  const toggle = (id: number) => {
    setReached(id);
    setSelected(selected.includes(id) ? selected.filter((other) => other !== id) : [...selected, id]);
  };
  const move = (moved: readonly number[], target: Place) => {
    onChange(withMoved(steps, moved, target));
    setSelected([]);
    setSaid(`${moved.length} moved to ${target === null ? "no step" : `step ${target}`}`);
  };
  const moveBy = (id: number, by: 1 | -1) => {
    wantsFocus.current = id;
    move(selected.includes(id) ? selected : [id], neighbour(placeOf(steps, id), by, steps.length));
  };
  const onKeyDown = (event: KeyboardEvent, id: number) => {
    const rows: Partial<Record<string, 1 | -1>> = { ArrowUp: -1, ArrowDown: 1 };
    const columns: Partial<Record<string, 1 | -1>> = { ArrowLeft: -1, ArrowRight: 1 };
    const [row, column] = [rows[event.key], columns[event.key]];
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      // That launches; it must not select as well.
      event.preventDefault();
    } else if (event.key === "Escape") {
      setSelected([]);
    } else if (row !== undefined) {
      event.preventDefault();
      if (event.shiftKey) {
        moveBy(id, row);
      } else {
        focus(firstOf(neighbour(placeOf(steps, id), row, steps.length), steps, order));
      }
    } else if (column !== undefined) {
      event.preventDefault();
      focus(order[order.indexOf(id) + column]);
    }
  };
  return { selected, current, said, toggle, move, onKeyDown };
}

/** The first class of a step, or of those in no step. */
function firstOf(place: Place, steps: Steps, order: readonly number[]): number | undefined {
  return place === null ? order.find((id) => placeOf(steps, id) === null) : steps[place]?.[0];
}
