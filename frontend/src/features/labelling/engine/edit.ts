import type { Change, TileChange } from "./history";
import { copyRect, type LabelMap, pasteRect, type Source, TILE_PX, tileRect, tilesAcross } from "./label-map";
import { paintable, type PaintRules } from "./paint-rules";
import { type Rect, union } from "./rect";
import { packRuns } from "./run-lengths";

interface Before {
  ids: Uint8Array;
  sources: Uint8Array;
}

/** One action on a map from its begin to its end: a stroke, a fill. It writes at once, and knows what was there before. */
export class Edit {
  private readonly before = new Map<number, Before>();
  private readonly may: Uint8Array;
  private touched: Rect | null = null;

  /**
   * @param map is changed in place.
   * @param rules say which pixels may be painted.
   * @param id raw id that the action gives, the ignore id to erase.
   * @param source who labels.
   */
  constructor(
    readonly map: LabelMap,
    private readonly rules: PaintRules,
    readonly id: number,
    private readonly source: Source,
  ) {
    this.may = paintable(rules, map.ignoreId);
  }

  /** Paint the pixels of one row from `left` up to, and without, `right`; what lies outside of the image is left out. */
  readonly span = (row: number, left: number, right: number): void => this.fill(row, left, right, this.id);

  /** Paint pixels of one row with another id than that of the action. */
  fill(row: number, left: number, right: number, id: number): void {
    const rows = this.opened(row, left, right);
    if (rows !== null) {
      this.write(rows.from, rows.end, id);
    }
  }

  /** Give pixels of one row what another map of the same size has there, except the ignore id. */
  copy(row: number, left: number, right: number, plane: Uint8Array): void {
    const rows = this.opened(row, left, right);
    const { ids, sources, ignoreId } = this.map;
    for (let at = rows?.from ?? 0; at < (rows?.end ?? 0); at++) {
      const id = plane[at] ?? ignoreId;
      if (id !== ignoreId && this.mayPaint(at)) {
        ids[at] = id;
        sources[at] = this.source;
      }
    }
  }

  /** Give pixels of one row the labels and sources of another version of the map, whatever the rules say. */
  paste(row: number, left: number, right: number, version: { ids: Uint8Array; sources: Uint8Array }): void {
    const rows = this.opened(row, left, right);
    if (rows !== null) {
      this.map.ids.set(version.ids.subarray(rows.from, rows.end), rows.from);
      this.map.sources.set(version.sources.subarray(rows.from, rows.end), rows.from);
    }
  }

  /** Where pixels were painted since this was last asked. */
  takeTouched(): Rect | null {
    const { touched } = this;
    this.touched = null;
    return touched;
  }

  /** End the action; returns what takes it back, or null where nothing is other than before. */
  close(): Change | null {
    const tiles = [...this.before].flatMap(([tile, before]) => this.changeOf(tile, before) ?? []);
    this.before.clear();
    return tiles.length === 0 ? null : { tiles };
  }

  /** End the action and leave everything as it was before it; returns where. */
  cancel(): Rect | null {
    let whole: Rect | null = null;
    for (const [tile, before] of this.before) {
      const rect = tileRect(this.map, tile);
      whole = union(whole, rect);
      restore(this.map, rect, before);
    }
    this.before.clear();
    return whole;
  }

  private mayPaint(at: number): boolean {
    const { editable } = this.rules;
    return this.may[this.map.ids[at] ?? 0] === 1 && (editable === null || editable[at] === 1);
  }

  /** Clip a part of a row to the image and remember what is there; null where nothing is left of it. */
  private opened(row: number, left: number, right: number): { from: number; end: number } | null {
    const { width, height } = this.map;
    const [from, end] = [Math.max(0, left), Math.min(width, right)];
    if (row < 0 || row >= height || from >= end) {
      return null;
    }
    this.keep(row, from, end);
    this.touched = union(this.touched, { left: from, top: row, right: end, bottom: row + 1 });
    return { from: row * width + from, end: row * width + end };
  }

  private write(from: number, end: number, id: number): void {
    const { ids, sources } = this.map;
    if (this.rules.mode === "everything" && this.rules.locked.size === 0 && this.rules.editable === null) {
      ids.fill(id, from, end);
      sources.fill(this.source, from, end);
      return;
    }
    for (let at = from; at < end; at++) {
      if (this.mayPaint(at)) {
        ids[at] = id;
        sources[at] = this.source;
      }
    }
  }

  /** Remember the tiles of a part of a row, before they are first written. */
  private keep(row: number, from: number, end: number): void {
    const first = Math.floor(row / TILE_PX) * tilesAcross(this.map.width);
    for (let column = Math.floor(from / TILE_PX); column * TILE_PX < end; column++) {
      const tile = first + column;
      if (!this.before.has(tile)) {
        const rect = tileRect(this.map, tile);
        const { ids, sources, width } = this.map;
        this.before.set(tile, { ids: copyRect(ids, width, rect), sources: copyRect(sources, width, rect) });
      }
    }
  }

  private changeOf(tile: number, before: Before): TileChange | null {
    const rect = tileRect(this.map, tile);
    const changed = union(
      differing(this.map.ids, this.map.width, rect, before.ids),
      differing(this.map.sources, this.map.width, rect, before.sources),
    );
    if (changed === null) {
      return null;
    }
    const within = { left: changed.left - rect.left, top: changed.top - rect.top, right: changed.right - rect.left, bottom: changed.bottom - rect.top };
    const across = rect.right - rect.left;
    return {
      rect: changed,
      ids: packRuns(copyRect(before.ids, across, within)),
      sources: packRuns(copyRect(before.sources, across, within)),
    };
  }
}

function restore(map: LabelMap, rect: Rect, { ids, sources }: Before): void {
  pasteRect(map.ids, map.width, rect, ids);
  pasteRect(map.sources, map.width, rect, sources);
}

/** The smallest rectangle of what differs between a part of a plane and a copy of it. */
function differing(plane: Uint8Array, width: number, rect: Rect, copy: Uint8Array): Rect | null {
  const across = rect.right - rect.left;
  let [first, last, least, most] = [-1, -1, across, 0];
  for (let row = rect.top; row < rect.bottom; row++) {
    const at = row * width + rect.left;
    const from = (row - rect.top) * across;
    let left = 0;
    while (left < across && plane[at + left] === copy[from + left]) {
      left++;
    }
    if (left === across) {
      continue;
    }
    let right = across;
    while (plane[at + right - 1] === copy[from + right - 1]) {
      right--;
    }
    first = first < 0 ? row : first;
    last = row;
    least = Math.min(least, left);
    most = Math.max(most, right);
  }
  return first < 0 ? null : { left: rect.left + least, top: first, right: rect.left + most, bottom: last + 1 };
}
