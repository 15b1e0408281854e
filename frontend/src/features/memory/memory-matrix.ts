import type { MemoryPage, StageSummary } from "../../api/types";

/** One snapshot and what it holds. */
export interface Snapshot {
  stage: StageSummary;
  balance: MemoryPage;
}

export interface MatrixCell {
  items: number;
  bytes: number;
}

/** One class over the snapshots; null where a snapshot holds nothing of it. */
export interface MatrixLine {
  id: number;
  name: string;
  colour: string;
  cells: (MatrixCell | null)[];
}

/** Class x step: what each snapshot holds of each class. */
export function memoryMatrix(snapshots: readonly Snapshot[]): MatrixLine[] {
  const labels = new Map(snapshots.flatMap(({ balance }) => balance.classes).map((label) => [label.id, label]));
  return [...labels.values()]
    .sort((a, b) => a.id - b.id)
    .map(({ id, name, colour }) => ({
      id,
      name,
      colour,
      cells: snapshots.map(({ balance }) => {
        const found = balance.classes.find((label) => label.id === id);
        return found === undefined || found.items === 0 ? null : { items: found.items, bytes: found.bytes };
      }),
    }));
}
