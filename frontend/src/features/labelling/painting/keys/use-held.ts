import { useEffect, useEffectEvent, useState } from "react";

import { isTaken, type KeyPress } from "../../../../lib/keys";

interface Holding {
  /** The key went down; a press that repeats is none. */
  onDown?: () => void;
  onUp?: () => void;
}

/** Whether a key is held; not while somebody types. What is told of its begin and end comes in pairs. */
export function useHeld(isKey: (press: KeyPress) => boolean, { onDown, onUp }: Holding = {}): boolean {
  // The place of the key: what it prints may be other when it goes up, with Shift let go first.
  const [held, setHeld] = useState<string | null>(null);
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || !isKey(event) || isTaken(event.target, event.key, "page")) {
      return;
    }
    // Space would press the button that has the focus, or scroll the page.
    event.preventDefault();
    if (held === null) {
      setHeld(event.code);
      onDown?.();
    }
  });
  const end = useEffectEvent(() => {
    if (held !== null) {
      setHeld(null);
      onUp?.();
    }
  });
  const release = useEffectEvent((event: KeyboardEvent) => {
    if (event.code === held) {
      // A button that has the focus is pressed when Space goes up.
      event.preventDefault();
      end();
    }
  });
  useEffect(() => {
    document.addEventListener("keydown", press);
    document.addEventListener("keyup", release);
    globalThis.addEventListener("blur", end);
    return () => {
      document.removeEventListener("keydown", press);
      document.removeEventListener("keyup", release);
      globalThis.removeEventListener("blur", end);
    };
  }, []);
  return held !== null;
}
