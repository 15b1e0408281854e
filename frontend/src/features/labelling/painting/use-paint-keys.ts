import { useEffect, useState } from "react";

import { useKeys } from "../../../lib/keys";
import { useSettledKeys } from "../answering/use-settled-keys";
import { TOOLS } from "../engine/tool-box";
import type { PaintWork } from "./load-work";
import { TOOL_WORDS } from "./tool-bar";
import type { usePainting } from "./use-painting";

/** Every action by a key; Space and H act while they are held. */
export function usePaintKeys(work: PaintWork, painting: ReturnType<typeof usePainting>, onSkip: () => void) {
  const { change, state, tools, history } = painting;
  const closePolygon = () => {
    if (tools.closePolygon()) {
      painting.stepped();
    }
  };
  const digits = work.query.classes.slice(0, 9).map(({ id }, index) => [String(index + 1), () => change({ type: "class", id })] as const);
  const byTool = TOOLS.map((tool) => [TOOL_WORDS[tool].key, () => change({ type: "set", values: { tool } })] as const);
  const redraw = () => painting.changeView((view) => ({ ...view }));
  useKeys({
    ...Object.fromEntries(digits),
    ...Object.fromEntries(byTool),
    0: painting.fit,
    u: () => change({ type: "class", id: work.query.ignore_id }),
    x: () => change({ type: "swap" }),
    o: () => change({ type: "set", values: { isOutline: !state.isOutline } }),
    "[": () => change({ type: "size", steps: -1 }),
    "]": () => change({ type: "size", steps: 1 }),
    z: history.undo,
    "mod+z": history.undo,
    "shift+z": history.redo,
    "mod+shift+z": history.redo,
    Enter: closePolygon,
    Backspace: () => tools.dropCorner() && redraw(),
    Escape: () => {
      tools.drop();
      redraw();
    },
  });
  useSettledKeys(work.query.id, { k: onSkip, "mod+Enter": () => painting.submit(false) });
  return { isPanning: useHeld("Space"), isHiding: useHeld("KeyH") };
}

/** Whether a key is held; not while somebody types. */
function useHeld(code: string): boolean {
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyped = event.target instanceof Element && event.target.closest("input, textarea, [contenteditable]") !== null;
      if (event.code === code && !isTyped && !event.ctrlKey && !event.metaKey) {
        // Space would press the button that has the focus, or scroll the page.
        event.preventDefault();
        setHeld(true);
      }
    };
    const release = (event: KeyboardEvent) => event.code === code && setHeld(false);
    const drop = () => setHeld(false);
    document.addEventListener("keydown", press);
    document.addEventListener("keyup", release);
    globalThis.addEventListener("blur", drop);
    return () => {
      document.removeEventListener("keydown", press);
      document.removeEventListener("keyup", release);
      globalThis.removeEventListener("blur", drop);
    };
  }, [code]);
  return isHeld;
}
