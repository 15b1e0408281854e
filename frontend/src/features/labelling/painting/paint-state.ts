import type { ClassLabel } from "../../../api/types";
import { MAX_BRUSH_PX } from "../engine/brush";
import type { OverlayStyle } from "../engine/overlay";
import type { PaintMode } from "../engine/paint-rules";
import type { ToolSettings } from "../engine/tool-box";

/** What a person has chosen: tools, rules and look. Kept in one place, so that keys and buttons do the same. */
export interface PaintState extends ToolSettings {
  /** The class that was painted with before. */
  lastClassId: number;
  mode: "everything" | "unlabelled" | "one";
  /** Class that mode "one" paints over. */
  onlyId: number;
  locked: ReadonlySet<number>;
  hidden: ReadonlySet<number>;
  /** Percent. */
  opacity: number;
  isOutline: boolean;
  isHidden: boolean;
  brightness: number;
  contrast: number;
}

export type PaintAction =
  | { type: "set"; values: Partial<Omit<PaintState, "brush" | "classId" | "lastClassId">> }
  | { type: "brush"; values: Partial<ToolSettings["brush"]> }
  | { type: "size"; steps: number }
  | { type: "class"; id: number }
  | { type: "swap" }
  | { type: "lock" | "hide"; id: number };

const SIZE_STEP = 1.25;

/** What is chosen when a query is opened. */
export function startState(classes: readonly ClassLabel[]): PaintState {
  const [first, second] = [classes[0]?.id ?? 0, classes[1]?.id ?? 0];
  return {
    tool: "brush",
    classId: first,
    lastClassId: second,
    brush: { shape: "round", size: 15 },
    tolerance: 12,
    mode: "everything",
    onlyId: first,
    locked: new Set(),
    hidden: new Set(),
    opacity: 50,
    isOutline: false,
    isHidden: false,
    brightness: 100,
    contrast: 100,
  };
}

/** The state after an action. */
export function reduce(state: PaintState, action: PaintAction): PaintState {
  switch (action.type) {
    case "set":
      return { ...state, ...action.values };
    case "brush":
      return { ...state, brush: { ...state.brush, ...action.values } };
    case "size":
      return { ...state, brush: { ...state.brush, size: resized(state.brush.size, action.steps) } };
    case "class":
      return action.id === state.classId ? state : { ...state, classId: action.id, lastClassId: state.classId };
    case "swap":
      return { ...state, classId: state.lastClassId, lastClassId: state.classId };
    case "lock":
      return { ...state, locked: toggled(state.locked, action.id) };
    case "hide":
      return { ...state, hidden: toggled(state.hidden, action.id) };
  }
}

/** A brush so many steps larger or smaller: by a quarter, and by one pixel at least. */
function resized(size: number, steps: number): number {
  const wanted = Math.round(size * SIZE_STEP ** steps);
  const moved = wanted === size ? size + Math.sign(steps) : wanted;
  return Math.min(MAX_BRUSH_PX, Math.max(1, moved));
}

function toggled(ids: ReadonlySet<number>, id: number): ReadonlySet<number> {
  return new Set(ids.has(id) ? [...ids].filter((other) => other !== id) : [...ids, id]);
}

/** What may be painted over. */
export function modeOf({ mode, onlyId }: PaintState): PaintMode {
  return mode === "one" ? { only: onlyId } : mode;
}

/** How the labels are drawn. */
export function styleOf({ opacity, isOutline, hidden }: Pick<PaintState, "opacity" | "isOutline" | "hidden">, classes: readonly ClassLabel[]): OverlayStyle {
  return { colours: new Map(classes.map((label) => [label.id, label.colour])), opacity: opacity / 100, isOutline, hidden };
}
