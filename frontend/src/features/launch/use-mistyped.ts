import { useCallback, useState } from "react";

import type { Mistyped } from "./unreadable";

/** The controls on the screen that hold what cannot be read; one that goes takes its fault along. */
export function useMistyped() {
  const [mistyped, setMistyped] = useState<Mistyped>({});
  const noteTyping = useCallback((pointer: string, message: string | null) => {
    setMistyped((before) => {
      const others = Object.fromEntries(Object.entries(before).filter(([other]) => other !== pointer));
      return message === null ? others : { ...others, [pointer]: message };
    });
  }, []);
  return { mistyped, noteTyping };
}
