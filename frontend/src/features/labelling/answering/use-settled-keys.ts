import { useEffect, useRef } from "react";

import { useKeys } from "../../../lib/keys";

/** So long after a query has appeared, keys do nothing: who presses twice means the one before. */
export const SETTLE_MS = 1000;

/** Let keys act on a query once it has been seen for a moment, and once a press; `queryId` is null where none is shown. */
export function useSettledKeys(queryId: string | null, actions: Readonly<Record<string, () => void>>): void {
  const shownAt = useRef(-Infinity);
  useEffect(() => {
    shownAt.current = queryId === null ? -Infinity : Date.now();
  }, [queryId]);
  const settled = Object.entries(actions).map(([key, action]) => [
    key,
    (event: KeyboardEvent) => {
      if (!event.repeat && Date.now() - shownAt.current >= SETTLE_MS) {
        action();
      }
    },
  ]);
  useKeys(Object.fromEntries(settled) as Record<string, (event: KeyboardEvent) => void>);
}
