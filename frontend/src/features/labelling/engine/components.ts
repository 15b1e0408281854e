import type { Rect } from "./rect";

/** Labels of pixels, row by row. */
export interface Plane {
  width: number;
  height: number;
  ids: Uint8Array;
}

/** Pixels of one row that belong together. */
export interface Run {
  row: number;
  left: number;
  right: number;
}

/** Connected pixels with one label. */
export interface Component {
  id: number;
  pixels: number;
  rect: Rect;
  runs: Run[];
}

/** All components of a map, or of those pixels of it that count: pixels belong together over their four neighbours.
 *
 * @param counts 1 where a pixel counts; null = all.
 */
export function componentsOf(map: Plane, counts: Uint8Array | null = null): Component[] {
  const parents: number[] = [];
  const runs: (Run & { id: number })[] = [];
  let above: number[] = [];
  for (let row = 0; row < map.height; row++) {
    const present = runsOfRow(map, row, counts);
    const numbers = present.map((run) => {
      runs.push(run);
      return parents.push(parents.length) - 1;
    });
    joinRows(runs, parents, above, numbers);
    above = numbers;
  }
  return collected(runs, parents);
}

function runsOfRow({ ids, width }: Plane, row: number, counts: Uint8Array | null): (Run & { id: number })[] {
  const runs: (Run & { id: number })[] = [];
  const first = row * width;
  let column = 0;
  while (column < width) {
    if (counts !== null && counts[first + column] !== 1) {
      column++;
      continue;
    }
    const id = ids[first + column] ?? 0;
    let right = column + 1;
    while (right < width && ids[first + right] === id && (counts === null || counts[first + right] === 1)) {
      right++;
    }
    runs.push({ row, left: column, right, id });
    column = right;
  }
  return runs;
}

/** Join runs of one label that lie above each other. */
function joinRows(runs: readonly (Run & { id: number })[], parents: number[], above: readonly number[], below: readonly number[]): void {
  let [one, other] = [0, 0];
  while (one < above.length && other < below.length) {
    const [upper, lower] = [runs[above[one] ?? 0], runs[below[other] ?? 0]];
    if (upper === undefined || lower === undefined) {
      return;
    }
    if (upper.id === lower.id && upper.left < lower.right && lower.left < upper.right) {
      const [root, child] = [rootOf(parents, above[one] ?? 0), rootOf(parents, below[other] ?? 0)];
      parents[child] = root;
    }
    if (upper.right <= lower.right) {
      one++;
    } else {
      other++;
    }
  }
}

function rootOf(parents: number[], number: number): number {
  let root = number;
  while ((parents[root] ?? root) !== root) {
    // Halve the way for whoever comes next.
    const next = parents[root] ?? root;
    parents[root] = parents[next] ?? next;
    root = parents[root] ?? root;
  }
  return root;
}

function collected(runs: readonly (Run & { id: number })[], parents: number[]): Component[] {
  const found = new Map<number, Component>();
  runs.forEach(({ id, ...run }, number) => {
    const root = rootOf(parents, number);
    const component = found.get(root);
    const pixels = run.right - run.left;
    if (component === undefined) {
      const rect = { left: run.left, top: run.row, right: run.right, bottom: run.row + 1 };
      found.set(root, { id, pixels, rect, runs: [run] });
      return;
    }
    component.pixels += pixels;
    component.runs.push(run);
    component.rect.left = Math.min(component.rect.left, run.left);
    component.rect.right = Math.max(component.rect.right, run.right);
    component.rect.bottom = Math.max(component.rect.bottom, run.row + 1);
  });
  return [...found.values()];
}
