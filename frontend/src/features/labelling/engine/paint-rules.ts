/** What a tool may paint over. */
export type PaintMode = "everything" | "unlabelled" | { only: number };

export interface PaintRules {
  mode: PaintMode;
  /** Raw ids that nothing paints over. */
  locked: ReadonlySet<number>;
  /** 1 where a pixel may be painted; null = everywhere. */
  editable: Uint8Array | null;
}

/** Rules that allow everything. */
export const NO_RULES: PaintRules = { mode: "everything", locked: new Set(), editable: null };

/** For each raw id, 1 where the rules let a pixel that has it be painted. */
export function paintable({ mode, locked }: PaintRules, ignoreId: number): Uint8Array {
  const may = new Uint8Array(256);
  if (mode === "everything") {
    may.fill(1);
  } else {
    may[mode === "unlabelled" ? ignoreId : mode.only] = 1;
  }
  for (const id of locked) {
    may[id] = 0;
  }
  return may;
}
