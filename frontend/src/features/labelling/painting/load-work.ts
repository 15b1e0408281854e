import { api, unwrap } from "../../../api/client";
import type { QueryDetail } from "../../../api/types";
import { readIndexMap } from "../../../lib/index-map";
import type { Component } from "../engine/components";
import { LabelMap, pasteRect, SOURCE, tileRect, tilesAcross } from "../engine/label-map";
import { NO_RULES } from "../engine/paint-rules";
import { Painter } from "../engine/painter";
import type { Proposal } from "../engine/proposal";
import { draftOf } from "../answering/answer-rights";
import { type KeptWork, readKept } from "./kept-work";
import { placesOf } from "./places";

/** All that is needed to paint one query. */
export interface PaintWork {
  query: QueryDetail;
  painter: Painter;
  picture: ImageBitmap;
  /** RGBA of the picture, for the wand; read when it is first used. */
  pixels: () => Uint8ClampedArray;
  proposal: Proposal;
  /** 1 where a pixel is queried; null = everywhere. */
  queried: Uint8Array | null;
  /** The connected parts of it; none where the whole image is queried. */
  places: readonly Component[];
  /** Revision of the draft that the service has, and what it took so far. */
  revision: number;
  clicks: number;
  seconds: number;
  /** What this browser kept though the service has something newer; the person has to choose. */
  conflict: KeptWork | null;
  /** Tiles that this browser kept and the service had not got. */
  restored: number;
}

/** Read picture, proposal, region and draft, and what this browser kept of the person's work. */
export async function loadWork(query: QueryDetail, author: string): Promise<PaintWork> {
  const [picture, proposal, uncertainty, region, draft, kept] = await Promise.all([
    readPicture(query.picture_url),
    readIndexMap(query.proposal_url),
    readIndexMap(query.uncertainty_url),
    query.region_url === null ? null : readIndexMap(query.region_url),
    draftOf(query, author) === undefined ? null : readDraft(query, author),
    readKept(query.id, author),
  ]);
  const queried = region === null ? null : Uint8Array.from(region.ids, (value) => (value > 0 ? 1 : 0));
  const map = startingMap(query, proposal.ids, queried);
  const revision = draft?.revision ?? 0;
  draft?.tiles.forEach(({ tile, ids }) => layTile(map, tile, ids, proposal.ids));
  const isCurrent = kept !== null && kept.revision === revision;
  const painter = new Painter(map, isCurrent ? kept.steps : []);
  if (isCurrent) {
    kept.tiles.forEach(({ tile, ids }) => {
      layTile(map, tile, ids, proposal.ids);
      painter.unsaved.add(tileRect(map, tile));
    });
  }
  painter.restrict({ ...NO_RULES, editable: queried });
  return {
    query,
    painter,
    picture,
    pixels: pixelsOf(picture),
    proposal: { ids: proposal.ids, uncertainty: uncertainty.ids },
    queried,
    places: placesOf(queried, query),
    revision,
    clicks: draft?.clicks ?? 0,
    seconds: draft?.seconds ?? 0,
    conflict: kept !== null && !isCurrent && kept.tiles.length > 0 ? kept : null,
    restored: isCurrent ? kept.tiles.length : 0,
  };
}

/** Lay what this browser kept over the service's newer draft: the person chose it. */
export function layKept({ painter, proposal }: PaintWork, kept: KeptWork): void {
  kept.tiles.forEach(({ tile, ids }) => {
    layTile(painter.map, tile, ids, proposal.ids);
    painter.unsaved.add(tileRect(painter.map, tile));
  });
}

/** The teacher's proposal where a pixel is queried, and the ignore id elsewhere. */
function startingMap({ width, height, ignore_id: ignoreId }: QueryDetail, proposal: Uint8Array, queried: Uint8Array | null): LabelMap {
  const ids = proposal.map((id, at) => (queried === null || queried[at] === 1 ? id : ignoreId));
  const sources = ids.map((id) => (id === ignoreId ? SOURCE.none : SOURCE.model));
  return new LabelMap(width, height, ids, ignoreId, sources);
}

/** Lay a tile over the map; what is other than the proposal was painted by the person. */
function layTile(map: LabelMap, tile: number, ids: Uint8Array, proposal: Uint8Array): void {
  const rect = tileRect(map, tile);
  pasteRect(map.ids, map.width, rect, ids);
  for (let row = rect.top; row < rect.bottom; row++) {
    for (let at = row * map.width + rect.left; at < row * map.width + rect.right; at++) {
      const id = map.ids[at];
      map.sources[at] = id === map.ignoreId ? SOURCE.none : id === proposal[at] ? SOURCE.model : SOURCE.person;
    }
  }
}

interface ReadDraft {
  revision: number;
  clicks: number;
  seconds: number;
  tiles: { tile: number; ids: Uint8Array }[];
}

async function readDraft(query: QueryDetail, author: string): Promise<ReadDraft> {
  const params = { path: { query_id: query.id }, query: { author } };
  const draft = await unwrap(api.GET("/api/v1/queries/{query_id}/draft", { params }));
  const across = tilesAcross(query.width);
  const tiles = draft.pngs.map(async ({ row, column, png }) => {
    const { ids } = await readIndexMap(`data:image/png;base64,${png}`);
    return { tile: row * across + column, ids };
  });
  return { ...draft, tiles: await Promise.all(tiles) };
}

async function readPicture(address: string): Promise<ImageBitmap> {
  const image = new Image();
  image.src = address;
  await image.decode();
  return createImageBitmap(image);
}

function pixelsOf(picture: ImageBitmap): () => Uint8ClampedArray {
  let read: Uint8ClampedArray | null = null;
  return () => {
    if (read === null) {
      const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d", { willReadFrequently: true });
      if (context === null) {
        throw new Error("this browser gives no canvas to read pixels from");
      }
      context.drawImage(picture, 0, 0);
      read = context.getImageData(0, 0, picture.width, picture.height).data;
    }
    return read;
  };
}
