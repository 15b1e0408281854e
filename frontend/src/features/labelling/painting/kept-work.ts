import type { Change } from "../engine/history";
import { copyRect, TILE_PX, tileRect, tilesAcross } from "../engine/label-map";
import type { Painter } from "../engine/painter";
import { packRuns, unpackRuns } from "../engine/run-lengths";
import type { Size } from "../engine/viewport";
import type { WorkTile } from "./read-draft";

/** Steps that survive a reload of the page. */
const STEPS_KEPT = 20;
const STORE = "work";

/** What this browser keeps of somebody's work on a query until the service has it. */
export interface KeptWork {
  /** Revision of the draft over which it lies. */
  revision: number;
  /** Tiles that the service has not got. */
  tiles: WorkTile[];
  /** The last steps, the oldest first. */
  steps: readonly Change[];
  /** When it was kept, ISO 8601. */
  at: string;
}

/** It as it is stored: runs in place of pixels, so that a large stroke is kept as quickly as a small one. */
interface StoredWork extends Omit<KeptWork, "tiles"> {
  /** Older pages kept no sources. */
  tiles: { tile: number; ids: Uint8Array; sources?: Uint8Array }[];
  isPacked?: boolean;
}

interface PackedTile {
  /** When the tile was changed last. */
  moment: number;
  stored: StoredWork["tiles"][number];
}

/** Tiles as they were packed last: a stroke changes few of those that wait. */
const PACKED = new WeakMap<Painter, Map<number, PackedTile>>();

/** What was kept of a person's work on a query; null where nothing was, or where the browser keeps nothing. */
export async function readKept(query: Size & { id: string }, author: string): Promise<KeptWork | null> {
  const found = await inStore<StoredWork | undefined>("readonly", (store) => store.get(keyOf(query.id, author)) as IDBRequest<StoredWork | undefined>);
  if (found === undefined) {
    return null;
  }
  const tiles = found.tiles.map(({ tile, ids, sources }) => {
    const plain = (bytes: Uint8Array) => (found.isPacked === true ? unpackRuns(bytes, pixelsOf(query, tile)) : bytes);
    return { tile, ids: plain(ids), sources: sources === undefined ? null : plain(sources) };
  });
  return { ...found, tiles };
}

/** Keep the tiles that the service has not got, and the last steps. */
export async function keepWork(queryId: string, author: string, painter: Painter, revision: number): Promise<void> {
  const tiles = [...painter.unsaved.toSend(Infinity)].map(([tile, moment]) => packed(painter, tile, moment));
  const kept: StoredWork = { revision, tiles, steps: painter.history.last(STEPS_KEPT), at: new Date().toISOString(), isPacked: true };
  await inStore("readwrite", (store) => store.put(kept, keyOf(queryId, author)));
}

/** Forget it: the answer was sent. */
export async function forgetWork(queryId: string, author: string): Promise<void> {
  await inStore("readwrite", (store) => store.delete(keyOf(queryId, author)));
}

function packed(painter: Painter, tile: number, moment: number): PackedTile["stored"] {
  const known = PACKED.get(painter) ?? new Map<number, PackedTile>();
  PACKED.set(painter, known);
  const before = known.get(tile);
  if (before?.moment === moment) {
    return before.stored;
  }
  const { map } = painter;
  const rect = tileRect(map, tile);
  const stored = { tile, ids: packRuns(copyRect(map.ids, map.width, rect)), sources: packRuns(copyRect(map.sources, map.width, rect)) };
  known.set(tile, { moment, stored });
  return stored;
}

function pixelsOf({ width, height }: Size, tile: number): number {
  const across = tilesAcross(width);
  const [column, row] = [tile % across, Math.floor(tile / across)];
  return Math.min(TILE_PX, width - column * TILE_PX) * Math.min(TILE_PX, height - row * TILE_PX);
}

function keyOf(queryId: string, author: string): string {
  return `${queryId} ${author}`;
}

/** Do one thing in the browser's database; undefined where it has none, such as in a private window. */
async function inStore<Result>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<Result>): Promise<Result | undefined> {
  try {
    const database = await opened();
    try {
      return await answerOf(act(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  } catch (error) {
    console.warn("this browser keeps no unsaved work:", error);
    return undefined;
  }
}

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open("palimpsest-labelling", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return answerOf(request);
}

function answerOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's database gave no reason"));
  });
}
