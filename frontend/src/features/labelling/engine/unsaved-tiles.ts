import { type LabelMap, TILE_PX, tilesAcross } from "./label-map";
import { isEmpty, type Rect } from "./rect";

/** Which tiles the service has not got yet. A tile that is painted while it is on its way stays unsaved. */
export class UnsavedTiles {
  /** Tile -> the moment of its last change, counted in changes. */
  private readonly changed = new Map<number, number>();
  private changes = 0;

  constructor(private readonly map: LabelMap) {}

  get count(): number {
    return this.changed.size;
  }

  /** Remember the tiles of a rectangle of changed pixels. */
  add(rect: Rect | null): void {
    if (rect === null || isEmpty(rect)) {
      return;
    }
    this.changes++;
    const across = tilesAcross(this.map.width);
    for (let row = Math.floor(rect.top / TILE_PX); row * TILE_PX < rect.bottom; row++) {
      for (let column = Math.floor(rect.left / TILE_PX); column * TILE_PX < rect.right; column++) {
        this.changed.set(row * across + column, this.changes);
      }
    }
  }

  /** The tiles to send now, at most `limit`, each with the moment that `sent` needs. */
  toSend(limit: number): ReadonlyMap<number, number> {
    return new Map([...this.changed].slice(0, limit));
  }

  /** Forget tiles that the service has taken, but for those that changed since they were sent. */
  sent(tiles: ReadonlyMap<number, number>): void {
    for (const [tile, moment] of tiles) {
      if (this.changed.get(tile) === moment) {
        this.changed.delete(tile);
      }
    }
  }
}
