import type { StepColumn, StepTable } from "../../../api/types";

/** How the classes of the table are ordered. */
export type ClassOrder = "forgotten" | "learned" | "lowest";

/** What one class was worth after one step. */
export interface ClassCell {
  iou: number | null;
  /** IoU when the class was learned less present IoU; null until then. */
  drop: number | null;
  /** Whether it was tested, and no test image shows it. */
  isUndefined: boolean;
  /** Share of the test pixels that were taken for a class that none of them shows; null for others. */
  falseShare: number | null;
}

const UNKNOWN: ClassCell = { iou: null, drop: null, isUndefined: false, falseShare: null };

/** One class over all steps. */
export interface ClassLine {
  label: StepColumn;
  cells: ClassCell[];
  /** The last cell. */
  now: ClassCell;
}

/** The table turned: one line a class, in the wanted order. */
export function classLines(table: StepTable, order: ClassOrder): ClassLine[] {
  const lines = table.classes.map((label, column): ClassLine => {
    const cells = table.steps.map((row) => ({
      iou: row.iou[column] ?? null,
      drop: row.drop[column] ?? null,
      isUndefined: row.is_undefined[column] === true,
      falseShare: row.false_share[column] ?? null,
    }));
    return { label, cells, now: cells.at(-1) ?? UNKNOWN };
  });
  return lines.sort((a, b) => rank(a, order) - rank(b, order) || byLearning(a, b));
}

function rank(line: ClassLine, order: ClassOrder): number {
  if (order === "forgotten") {
    return line.now.drop === null ? Infinity : -line.now.drop;
  }
  return order === "lowest" ? (line.now.iou ?? Infinity) : 0;
}

function byLearning(a: ClassLine, b: ClassLine): number {
  return (a.label.step_learned ?? -1) - (b.label.step_learned ?? -1) || a.label.id - b.label.id;
}
