import { type Component, componentsOf } from "./components";
import type { Edit } from "./edit";
import type { LabelMap } from "./label-map";
import type { Rect } from "./rect";

/** Give every pixel of one class within a rectangle the label of the edit. */
export function replaceClass(edit: Edit, id: number, within: Rect): void {
  const { map } = edit;
  for (let row = Math.max(0, within.top); row < Math.min(map.height, within.bottom); row++) {
    const first = row * map.width;
    let column = Math.max(0, within.left);
    while (column < Math.min(map.width, within.right)) {
      const left = column;
      while (column < within.right && column < map.width && map.ids[first + column] === id) {
        column++;
      }
      if (column > left) {
        edit.span(row, left, column);
      } else {
        column++;
      }
    }
  }
}

/** Close what one class encloses, and what does not reach the border of the image. */
export function fillHoles(edit: Edit): void {
  const { map } = edit;
  const isClass = Uint8Array.from(map.ids, (id) => (id === edit.id ? 1 : 0));
  for (const hole of componentsOf({ width: map.width, height: map.height, ids: isClass })) {
    if (hole.id === 0 && !touchesBorder(hole.rect, map)) {
      paint(edit, hole, edit.id);
    }
  }
}

/** Give every component of fewer pixels than `pixels` the label that most of its border has.
 *
 * @param counts 1 where a pixel counts; null = all. What does not count is left alone, and lends no label.
 */
export function removeIslands(edit: Edit, pixels: number, counts: Uint8Array | null = null): void {
  const { map } = edit;
  for (const island of componentsOf(map, counts)) {
    const label = island.pixels < pixels ? labelAround(map, island, counts) : null;
    if (label !== null) {
      paint(edit, island, label);
    }
  }
}

function paint(edit: Edit, { runs }: Component, id: number): void {
  runs.forEach(({ row, left, right }) => edit.fill(row, left, right, id));
}

function touchesBorder(rect: Rect, { width, height }: LabelMap): boolean {
  return rect.left === 0 || rect.top === 0 || rect.right === width || rect.bottom === height;
}

/** The label of most pixels beside a component; null where it fills everything that counts. */
function labelAround(map: LabelMap, { id, runs }: Component, counts: Uint8Array | null): number | null {
  const votes = new Map<number, number>();
  const vote = (column: number, row: number) => {
    const isInside = column >= 0 && row >= 0 && column < map.width && row < map.height;
    const at = row * map.width + column;
    const label = map.ids[at];
    if (isInside && label !== undefined && label !== id && (counts === null || counts[at] === 1)) {
      votes.set(label, (votes.get(label) ?? 0) + 1);
    }
  };
  for (const { row, left, right } of runs) {
    vote(left - 1, row);
    vote(right, row);
    for (let column = left; column < right; column++) {
      vote(column, row - 1);
      vote(column, row + 1);
    }
  }
  const [most] = [...votes].sort(([, one], [, other]) => other - one);
  return most?.[0] ?? null;
}
