import { api, unwrap } from "../../../api/client";
import type { QueryDetail } from "../../../api/types";
import { tilesAcross } from "../engine/label-map";
import { readGrey8 } from "../engine/png-read";
import type { PlaceEffort } from "./place-effort";

/** A tile of somebody's work: the label of each pixel, and whose it is where that is known. */
export interface WorkTile {
  tile: number;
  ids: Uint8Array;
  sources: Uint8Array | null;
}

/** A draft as the service has it. */
export interface ReadDraft {
  revision: number;
  clicks: number;
  seconds: number;
  regions: readonly PlaceEffort[];
  tiles: readonly WorkTile[];
}

/** Read a person's draft of a query, which has one. */
export async function readDraft(query: QueryDetail, author: string): Promise<ReadDraft> {
  const params = { path: { query_id: query.id }, query: { author } };
  const draft = await unwrap(api.GET("/api/v1/queries/{query_id}/draft", { params }));
  const across = tilesAcross(query.width);
  const tiles = draft.pngs.map(async ({ row, column, png, sources }) => ({
    tile: row * across + column,
    ids: await pixelsOf(png),
    sources: sources == null ? null : await pixelsOf(sources),
  }));
  return { ...draft, tiles: await Promise.all(tiles) };
}

async function pixelsOf(png: string): Promise<Uint8Array> {
  return (await readGrey8(Uint8Array.from(atob(png), (character) => character.charCodeAt(0)))).values;
}
