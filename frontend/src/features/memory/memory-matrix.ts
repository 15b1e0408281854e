import type { MemoryMatrix, MemorySnapshot } from "../../api/types";

/** What one snapshot holds of one class. */
export interface MatrixCell {
  items: number;
  bytes: number;
  /** The class was seen by then, but nothing of it is stored. */
  isMissing: boolean;
}

/** One class over the snapshots; null where the class had not been seen. */
export interface MatrixLine {
  id: number;
  name: string;
  colour: string;
  cells: (MatrixCell | null)[];
}

/** Class x stage: what each snapshot holds of each class. */
export function matrixLines(matrix: MemoryMatrix): MatrixLine[] {
  return matrix.classes.map(({ id, name, colour }) => ({
    id,
    name,
    colour,
    cells: matrix.snapshots.map((snapshot) => cellOf(snapshot, id)),
  }));
}

function cellOf(snapshot: MemorySnapshot, classId: number): MatrixCell | null {
  const found = snapshot.cells.find((cell) => cell.class_id === classId);
  const isMissing = snapshot.missing_classes.includes(classId);
  return found === undefined && !isMissing ? null : { items: found?.items ?? 0, bytes: found?.bytes ?? 0, isMissing };
}

/** "4" or "3.3": the instances that each class may have when all share alike. */
export function formatShare(perClass: number | null): string {
  return perClass === null ? "no class" : String(Number(perClass.toFixed(1)));
}
