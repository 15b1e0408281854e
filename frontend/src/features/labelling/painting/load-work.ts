import type { QueryDetail } from "../../../api/types";
import type { Component } from "../engine/components";
import { LabelMap, pasteRect, SOURCE, tileRect } from "../engine/label-map";
import { NO_RULES } from "../engine/paint-rules";
import { Painter } from "../engine/painter";
import { readGrey8 } from "../engine/png-read";
import type { Proposal } from "../engine/proposal";
import { draftOf } from "../answering/answer-rights";
import { fetchBytes } from "./fetch-bytes";
import { type KeptWork, readKept } from "./kept-work";
import type { PlaceEffort } from "./place-effort";
import { placesOf } from "./places";
import { type ReadDraft, readDraft, type WorkTile } from "./read-draft";

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
  regions: readonly PlaceEffort[];
  /** What this browser kept though the service has something newer; the person has to choose. */
  conflict: KeptWork | null;
  /** Tiles that this browser kept and the service had not got; they are laid over the service's work. */
  restored: number;
}

/** Read picture, proposal, region and draft, and what this browser kept of the person's work. */
export async function loadWork(query: QueryDetail, author: string): Promise<PaintWork> {
  const [picture, proposal, uncertainty, region, draft, kept] = await Promise.all([
    readPicture(query.picture_url),
    readPlane(query.proposal_url),
    readPlane(query.uncertainty_url),
    query.region_url === null ? null : readPlane(query.region_url),
    draftOf(query, author) === undefined ? null : readDraft(query, author),
    readKept(query, author),
  ]);
  const queried = region === null ? null : flagged(region);
  const map = draftedMap(query, proposal, queried, draft);
  const revision = draft?.revision ?? 0;
  const isCurrent = kept !== null && kept.revision === revision;
  const painter = new Painter(map, isCurrent ? kept.steps : []);
  if (isCurrent) {
    kept.tiles.forEach((tile) => {
      layTile(map, tile, proposal);
      painter.unsaved.add(tileRect(map, tile.tile));
    });
  }
  painter.restrict({ ...NO_RULES, editable: queried });
  return {
    query,
    painter,
    picture,
    pixels: pixelsOf(picture),
    proposal: { ids: proposal, uncertainty },
    queried,
    places: placesOf(queried, query),
    revision,
    clicks: draft?.clicks ?? 0,
    seconds: draft?.seconds ?? 0,
    regions: draft?.regions ?? [],
    conflict: kept !== null && !isCurrent && kept.tiles.length > 0 ? kept : null,
    restored: isCurrent ? kept.tiles.length : 0,
  };
}

/** The labels of a draft: its tiles over the teacher's proposal. */
export function draftedMap(query: QueryDetail, proposal: Uint8Array, queried: Uint8Array | null, draft: ReadDraft | null): LabelMap {
  const map = startingMap(query, proposal, queried);
  draft?.tiles.forEach((tile) => layTile(map, tile, proposal));
  return map;
}

/** A copy of the labels with tiles laid over them. */
export function withTiles({ width, height, ids, ignoreId, sources }: LabelMap, tiles: readonly WorkTile[], proposal: Uint8Array): LabelMap {
  const map = new LabelMap(width, height, ids.slice(), ignoreId, sources.slice());
  tiles.forEach((tile) => layTile(map, tile, proposal));
  return map;
}

/** The teacher's proposal where a pixel is queried, and the ignore id elsewhere. */
function startingMap({ width, height, ignore_id: ignoreId }: QueryDetail, proposal: Uint8Array, queried: Uint8Array | null): LabelMap {
  const ids = proposal.slice();
  const sources = new Uint8Array(ids.length);
  for (let at = 0; at < ids.length; at++) {
    if (queried !== null && queried[at] !== 1) {
      ids[at] = ignoreId;
    }
    sources[at] = ids[at] === ignoreId ? SOURCE.none : SOURCE.model;
  }
  return new LabelMap(width, height, ids, ignoreId, sources);
}

/** Lay a tile over the map; where it does not say whose labels they are, what is other than the proposal is the person's. */
function layTile(map: LabelMap, { tile, ids, sources }: WorkTile, proposal: Uint8Array): void {
  const rect = tileRect(map, tile);
  pasteRect(map.ids, map.width, rect, ids);
  if (sources !== null) {
    pasteRect(map.sources, map.width, rect, sources);
    return;
  }
  for (let row = rect.top; row < rect.bottom; row++) {
    for (let at = row * map.width + rect.left; at < row * map.width + rect.right; at++) {
      const id = map.ids[at];
      map.sources[at] = id === map.ignoreId ? SOURCE.none : id === proposal[at] ? SOURCE.model : SOURCE.person;
    }
  }
}

async function readPlane(address: string): Promise<Uint8Array> {
  return (await readGrey8(await fetchBytes(address))).values;
}

/** 1 where a value is above 0; in place. */
function flagged(values: Uint8Array): Uint8Array {
  for (let at = 0; at < values.length; at++) {
    values[at] = (values[at] ?? 0) > 0 ? 1 : 0;
  }
  return values;
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
