import { copyRect, type LabelMap, pasteRect } from "./label-map";
import { type Rect, union } from "./rect";
import { packRuns, unpackRuns } from "./run-lengths";

/** The other state of a rectangle within one tile, packed as runs. */
export interface TileChange {
  rect: Rect;
  ids: Uint8Array<ArrayBuffer>;
  sources: Uint8Array<ArrayBuffer>;
}

/** What one action of a person changed; it can be stored as it is. */
export interface Change {
  tiles: TileChange[];
}

/** Steps that are always kept, however large. */
export const MIN_STEPS = 100;
const BYTES_KEPT = 64 * 2 ** 20;

/** Bytes that a change takes. */
export function bytesOf(change: Change): number {
  return change.tiles.reduce((sum, tile) => sum + tile.ids.length + tile.sources.length, 0);
}

/** Where a change lies. */
export function rectOf(change: Change): Rect | null {
  return change.tiles.reduce<Rect | null>((whole, tile) => union(whole, tile.rect), null);
}

/** A rectangle of a map as it is now. */
export function captured(map: LabelMap, rect: Rect): TileChange {
  return {
    rect,
    ids: packRuns(copyRect(map.ids, map.width, rect)),
    sources: packRuns(copyRect(map.sources, map.width, rect)),
  };
}

/** Lay a change over the map; returns the change that takes it back. */
export function swapped(map: LabelMap, change: Change): Change {
  const back = change.tiles.map((tile) => captured(map, tile.rect));
  for (const { rect, ids, sources } of change.tiles) {
    const length = (rect.right - rect.left) * (rect.bottom - rect.top);
    pasteRect(map.ids, map.width, rect, unpackRuns(ids, length));
    pasteRect(map.sources, map.width, rect, unpackRuns(sources, length));
  }
  return { tiles: back };
}

/** What was done to a map, to be undone step by step: at least 100 steps, and as many more as 64 MiB hold. */
export class History {
  private done: Change[];
  private undone: Change[] = [];
  private bytes: number;

  /** @param done steps of before, the oldest first: those that survived a reload of the page. */
  constructor(done: readonly Change[] = []) {
    this.done = [...done];
    this.bytes = this.done.reduce((sum, change) => sum + bytesOf(change), 0);
  }

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  /** The last steps, the oldest first. */
  last(count: number): readonly Change[] {
    return this.done.slice(-count);
  }

  /** Forget all steps: something else lies under them now. */
  clear(): void {
    this.done = [];
    this.undone = [];
    this.bytes = 0;
  }

  /** Remember a step; what was undone before it is gone. */
  push(change: Change): void {
    this.undone = [];
    this.done.push(change);
    this.bytes += bytesOf(change);
    while (this.done.length > MIN_STEPS && this.bytes > BYTES_KEPT) {
      const oldest = this.done.shift();
      this.bytes -= oldest === undefined ? 0 : bytesOf(oldest);
    }
  }

  /** Take the last step back; returns what was laid down, or null where there is none. */
  undo(map: LabelMap): Change | null {
    return this.move(map, this.done, this.undone, -1);
  }

  /** Do again what was undone last; returns what was laid down, or null where there is none. */
  redo(map: LabelMap): Change | null {
    return this.move(map, this.undone, this.done, 1);
  }

  private move(map: LabelMap, from: Change[], to: Change[], sign: 1 | -1): Change | null {
    const change = from.pop();
    if (change === undefined) {
      return null;
    }
    const back = swapped(map, change);
    to.push(back);
    this.bytes += sign * bytesOf(sign > 0 ? back : change);
    return change;
  }
}
