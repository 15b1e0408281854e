import type { ClassLabel } from "../../../api/types";
import { MAX_BRUSH_PX } from "../engine/brush";
import type { OverlayStyle } from "../engine/overlay";
import type { PaintMode } from "../engine/paint-rules";
import { GRAINS, type Tool, type ToolSettings } from "../engine/tool-settings";
import type { Tone } from "./screen/tone";

/** What a person has chosen: tools, rules and look. Kept in one place, so that keys and buttons do the same. */
export interface PaintState extends ToolSettings {
  /** The class that was painted with before. */
  lastClassId: number;
  /** The tool to go back to once a class is picked. */
  lastTool: Tool;
  mode: PaintModeName;
  /** Class that mode "one" paints over. */
  onlyId: number;
  locked: ReadonlySet<number>;
  hidden: ReadonlySet<number>;
  /** Percent. */
  opacity: number;
  isOutline: boolean;
  tone: Tone;
  /** Whether the teacher's uncertainty lies over the picture. */
  hasHeat: boolean;
  hasMinimap: boolean;
}

export const PAINT_MODES = ["everything", "unlabelled", "one"] as const;
export type PaintModeName = (typeof PAINT_MODES)[number];

export type PaintAction =
  | { type: "set"; values: Partial<Omit<PaintState, "tool" | "brush" | "classId" | "lastClassId">> }
  | { type: "brush"; values: Partial<ToolSettings["brush"]> }
  | { type: "tool"; tool: Tool }
  | { type: "size"; steps: number }
  | { type: "class" | "picked"; id: number }
  | { type: "swap" | "rule" | "shape" }
  | { type: "opacity"; steps: number }
  | { type: "tone"; values: Partial<Tone> }
  | { type: "lock" | "hide"; id: number };

export const PLAIN_TONE: Tone = { brightness: 100, contrast: 100, gamma: 100 };
const SIZE_STEP = 1.25;
const OPACITY_STEP = 10;
const MAX_TOLERANCE = 255;

/** What is chosen when a query is opened. */
export function startState(classes: readonly ClassLabel[]): PaintState {
  const [first, second] = [classes[0]?.id ?? 0, classes[1]?.id ?? 0];
  return {
    tool: "brush",
    lastTool: "brush",
    classId: first,
    lastClassId: second,
    brush: { shape: "round", size: 15 },
    tolerance: 12,
    grain: "medium",
    mode: "everything",
    onlyId: first,
    locked: new Set(),
    hidden: new Set(),
    opacity: 50,
    isOutline: false,
    tone: PLAIN_TONE,
    hasHeat: false,
    hasMinimap: true,
    certainty: 0,
  };
}

/** The state after an action. */
export function reduce(state: PaintState, action: PaintAction): PaintState {
  switch (action.type) {
    case "set":
      return { ...state, ...action.values };
    case "brush":
      return { ...state, brush: { ...state.brush, ...action.values } };
    case "shape":
      return { ...state, brush: { ...state.brush, shape: state.brush.shape === "round" ? "square" : "round" } };
    case "tool":
      return { ...state, tool: action.tool, lastTool: state.tool === "pick" ? state.lastTool : state.tool };
    case "size":
      return sized(state, action.steps);
    case "class":
      return action.id === state.classId ? state : { ...state, classId: action.id, lastClassId: state.classId };
    case "picked":
      return { ...reduce(state, { type: "class", id: action.id }), tool: state.tool === "pick" ? state.lastTool : state.tool };
    case "swap":
      return { ...state, classId: state.lastClassId, lastClassId: state.classId };
    case "rule":
      return { ...state, mode: PAINT_MODES[(PAINT_MODES.indexOf(state.mode) + 1) % PAINT_MODES.length] ?? "everything" };
    case "opacity":
      return { ...state, opacity: within(state.opacity + OPACITY_STEP * action.steps, 0, 100) };
    case "tone":
      return { ...state, tone: { ...state.tone, ...action.values } };
    case "lock":
      return { ...state, locked: toggled(state.locked, action.id) };
    case "hide":
      return { ...state, hidden: toggled(state.hidden, action.id) };
  }
}

/** The tool in hand so many steps larger or smaller: by a quarter, and by one at least. */
function sized(state: PaintState, steps: number): PaintState {
  if (state.tool === "wand") {
    return { ...state, tolerance: within(stepped(state.tolerance, steps), 0, MAX_TOLERANCE) };
  }
  if (state.tool === "superpixel") {
    return { ...state, grain: GRAINS[within(GRAINS.indexOf(state.grain) + Math.sign(steps), 0, GRAINS.length - 1)] ?? state.grain };
  }
  return { ...state, brush: { ...state.brush, size: within(stepped(state.brush.size, steps), 1, MAX_BRUSH_PX) } };
}

function stepped(size: number, steps: number): number {
  const wanted = Math.round(size * SIZE_STEP ** steps);
  return wanted === size ? size + Math.sign(steps) : wanted;
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function toggled(ids: ReadonlySet<number>, id: number): ReadonlySet<number> {
  return new Set(ids.has(id) ? [...ids].filter((other) => other !== id) : [...ids, id]);
}

/** What may be painted over. */
export function modeOf({ mode, onlyId }: PaintState): PaintMode {
  return mode === "one" ? { only: onlyId } : mode;
}

/** How the labels are drawn. */
export function styleOf({ isOutline, hidden }: Pick<PaintState, "isOutline" | "hidden">, classes: readonly ClassLabel[]): OverlayStyle {
  return { colours: new Map(classes.map((label) => [label.id, label.colour])), isOutline, hidden };
}
