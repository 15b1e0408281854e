import type { Change } from "../engine/history";
import { copyRect, tileRect } from "../engine/label-map";
import type { Painter } from "../engine/painter";
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

/** What was kept of a person's work on a query; null where nothing was, or where the browser keeps nothing. */
export async function readKept(queryId: string, author: string): Promise<KeptWork | null> {
  const found = await inStore<KeptWork | undefined>("readonly", (store) => store.get(keyOf(queryId, author)) as IDBRequest<KeptWork | undefined>);
  // Older pages kept no sources.
  return found === undefined ? null : { ...found, tiles: found.tiles.map((tile) => ({ ...tile, sources: (tile.sources as Uint8Array | undefined) ?? null })) };
}

/** Keep the tiles that the service has not got, and the last steps. */
export async function keepWork(queryId: string, author: string, painter: Painter, revision: number): Promise<void> {
  const { map, unsaved, history } = painter;
  const tiles = [...unsaved.toSend(Infinity).keys()].map((tile) => ({
    tile,
    ids: copyRect(map.ids, map.width, tileRect(map, tile)),
    sources: copyRect(map.sources, map.width, tileRect(map, tile)),
  }));
  const kept: KeptWork = { revision, tiles, steps: history.last(STEPS_KEPT), at: new Date().toISOString() };
  await inStore("readwrite", (store) => store.put(kept, keyOf(queryId, author)));
}

/** Forget it: the answer was sent. */
export async function forgetWork(queryId: string, author: string): Promise<void> {
  await inStore("readwrite", (store) => store.delete(keyOf(queryId, author)));
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
