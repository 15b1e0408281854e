import { api, unwrap } from "../../../api/client";
import type { QueryDetail } from "../../../api/types";
import { copyRect, tileRect, tilesAcross } from "../engine/label-map";
import type { Painter } from "../engine/painter";
import { indexPng } from "../engine/png";
import type { Rect } from "../engine/rect";
import type { PlaceEffort } from "./place-effort";

/** Tiles that one request takes. */
const LIMIT = 256;

/** Send the tiles that changed; returns the new revision of the draft.
 *
 * Throws ApiError: 412 where the draft is newer than the revision.
 */
export async function sendTiles(
  query: QueryDetail,
  painter: Painter,
  revision: number,
  spent: { author: string; clicks: number; seconds: number; regions: PlaceEffort[] },
): Promise<number> {
  const { map, unsaved } = painter;
  const sending = unsaved.toSend(LIMIT);
  const across = tilesAcross(map.width);
  // Copied first: painting goes on while they are packed.
  const copies = [...sending.keys()].map((tile) => {
    const rect = tileRect(map, tile);
    return { tile, rect, ids: copyRect(map.ids, map.width, rect), sources: copyRect(map.sources, map.width, rect) };
  });
  const tiles = await Promise.all(
    copies.map(async ({ tile, rect, ids, sources }) => ({
      row: Math.floor(tile / across),
      column: tile % across,
      png: await packed(ids, rect),
      sources: await packed(sources, rect),
    })),
  );
  const params = { path: { query_id: query.id }, header: { "if-match": `"${revision}"` } };
  const saved = await unwrap(api.PUT("/api/v1/queries/{query_id}/draft", { params, body: { ...spent, tiles } }));
  unsaved.sent(sending);
  return saved.revision;
}

async function packed(bytes: Uint8Array, { left, top, right, bottom }: Rect): Promise<string> {
  return base64(await indexPng(bytes, right - left, bottom - top));
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(from, from + 0x8000));
  }
  return btoa(text);
}
