import { useEffect, useEffectEvent } from "react";

const TYPED_INTO = "input:not([type=checkbox]), textarea, select, [contenteditable], [role=dialog]";

/** Whether a key goes into a control, and so means a letter. A checkbox takes none. */
export function isTypedInto(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPED_INTO) !== null;
}

export interface RunKeys {
  /** Go down by this many rows; negative goes up. */
  onMove: (by: number) => void;
  onOpen: () => void;
  onToggle: () => void;
  onEdit: () => void;
}

/** J and K move, Enter opens, X selects, T edits the tags; unless somebody is typing. */
export function useRunKeys(keys: RunKeys): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const target = event.target instanceof Element ? event.target : null;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTypedInto(target)) {
      return;
    }
    const actions: Record<string, (() => void) | undefined> = {
      j: () => keys.onMove(1),
      k: () => keys.onMove(-1),
      x: keys.onToggle,
      t: keys.onEdit,
      // On a button or a link Enter already means that.
      Enter: target?.closest("a, button") ? undefined : keys.onOpen,
    };
    const action = actions[event.key];
    if (action !== undefined) {
      event.preventDefault();
      action();
    }
  });
  useEffect(() => {
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
