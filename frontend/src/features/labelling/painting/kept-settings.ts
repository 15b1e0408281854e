import { useEffect } from "react";

import type { ClassLabel } from "../../../api/types";
import { MAX_BRUSH_PX } from "../engine/brush";
import { type PaintState, startState } from "./paint-state";

const STORED_AT = "palimpsest.painting";
const KEEP_AFTER_MS = 200;

type Kept = Pick<PaintState, "brush" | "tolerance" | "grain" | "opacity" | "isOutline" | "tone" | "hasMinimap"> & { className?: string };

/** What is chosen when a query is opened: what the person had chosen on the one before, as far as it can be kept. */
export function keptState(classes: readonly ClassLabel[]): PaintState {
  const start = startState(classes);
  const kept = read();
  const chosen = classes.find(({ name }) => name === kept.className)?.id ?? start.classId;
  const size = kept.brush?.size ?? start.brush.size;
  const brush = { ...start.brush, ...kept.brush, size: Number.isInteger(size) && size >= 1 && size <= MAX_BRUSH_PX ? size : start.brush.size };
  const lastClassId = chosen === start.classId ? start.lastClassId : start.classId;
  return { ...start, ...kept, tone: { ...start.tone, ...kept.tone }, brush, classId: chosen, lastClassId };
}

/** Keep what is chosen in this browser. */
export function useKeptSettings(state: PaintState, classes: readonly ClassLabel[]): void {
  const { brush, tolerance, grain, opacity, isOutline, tone, hasMinimap, classId } = state;
  const className = classes.find(({ id }) => id === classId)?.name;
  useEffect(() => {
    const kept: Kept = { brush, tolerance, grain, opacity, isOutline, tone, hasMinimap, ...(className !== undefined && { className }) };
    // Not within the press that changes it.
    const timer = setTimeout(() => {
      try {
        localStorage.setItem(STORED_AT, JSON.stringify(kept));
      } catch {
        // A browser that keeps nothing begins anew with every query.
      }
    }, KEEP_AFTER_MS);
    return () => clearTimeout(timer);
  }, [brush, tolerance, grain, opacity, isOutline, tone, hasMinimap, className]);
}

function read(): Partial<Kept> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORED_AT) ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {};
  }
}
