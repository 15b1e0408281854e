import { type Change, History, rectOf } from "./history";
import { Edit } from "./edit";
import type { LabelMap, Source } from "./label-map";
import { NO_RULES, type PaintRules } from "./paint-rules";
import type { Rect } from "./rect";
import { UnsavedTiles } from "./unsaved-tiles";

/** The work on one image: what is painted, what can be undone, and what is not saved yet. */
export class Painter {
  private rules: PaintRules = NO_RULES;
  readonly history: History;
  readonly unsaved: UnsavedTiles;
  private open: Edit | null = null;
  private readonly listeners = new Set<(rect: Rect) => void>();

  /** @param done steps that survived a reload of the page. */
  constructor(
    readonly map: LabelMap,
    done: readonly Change[] = [],
  ) {
    this.history = new History(done);
    this.unsaved = new UnsavedTiles(map);
  }

  get isDrawing(): boolean {
    return this.open !== null;
  }

  /** What the next strokes may paint over. */
  restrict(rules: PaintRules): void {
    this.rules = rules;
  }

  /** Be told of every rectangle that changes; returns what ends that. */
  listen(listener: (rect: Rect) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Begin a stroke; an unfinished one ends. */
  begin(id: number, source: Source): void {
    this.end();
    this.open = new Edit(this.map, this.rules, id, source);
  }

  /** Draw a part of the stroke. */
  draw(paint: (edit: Edit) => void): void {
    if (this.open !== null) {
      paint(this.open);
      this.tell(this.open.takeTouched());
    }
  }

  /** End the stroke: it becomes one step. Returns whether anything changed. */
  end(): boolean {
    const change = this.open?.close() ?? null;
    this.open = null;
    if (change === null) {
      return false;
    }
    this.history.push(change);
    change.tiles.forEach(({ rect }) => this.unsaved.add(rect));
    return true;
  }

  /** Drop the stroke. */
  cancel(): void {
    const rect = this.open?.cancel() ?? null;
    this.open = null;
    this.tell(rect);
  }

  /** Do something that is one step by itself. Returns whether anything changed. */
  act(id: number, source: Source, paint: (edit: Edit) => void): boolean {
    this.begin(id, source);
    this.draw(paint);
    return this.end();
  }

  /** Take the last step back; returns where it was. */
  undo(): Rect | null {
    this.end();
    return this.moved(this.history.undo(this.map));
  }

  /** Do the step again that was taken back last; returns where it is. */
  redo(): Rect | null {
    this.end();
    return this.moved(this.history.redo(this.map));
  }

  private moved(change: Change | null): Rect | null {
    change?.tiles.forEach((tile) => this.unsaved.add(tile.rect));
    const rect = change === null ? null : rectOf(change);
    this.tell(rect);
    return rect;
  }

  private tell(rect: Rect | null): void {
    if (rect !== null) {
      this.listeners.forEach((listener) => listener(rect));
    }
  }
}
