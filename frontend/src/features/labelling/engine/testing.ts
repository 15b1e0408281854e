import { LabelMap } from "./label-map";
import type { Emit } from "./rect";

/** The ignore id of the maps that tests draw. */
export const IGNORED = 255;

/** Numbers from 0 up to, and without, 1: the same ones for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A map drawn with digits; a point is a pixel without a label. */
export function drawnMap(...rows: string[]): LabelMap {
  const signs = rows.join("");
  const ids = Uint8Array.from({ length: signs.length }, (_, at) => (signs[at] === "." ? IGNORED : Number(signs[at])));
  return new LabelMap(rows[0]?.length ?? 0, rows.length, ids, IGNORED);
}

/** What `drawnMap` would draw. */
export function rowsOf({ ids, width }: Pick<LabelMap, "ids" | "width">): string[] {
  const signs = Array.from(ids, (id) => (id === IGNORED ? "." : String(id))).join("");
  return signs.match(new RegExp(`.{${width}}`, "g")) ?? [];
}

/** Draw what is emitted: "#" where a pixel is, and fail where one is emitted outside. */
export function drawn(width: number, height: number, paint: (emit: Emit) => void): string[] {
  const rows = Array.from({ length: height }, () => Array.from({ length: width }, () => "."));
  paint((row, left, right) => {
    for (let column = Math.max(0, left); column < Math.min(width, right); column++) {
      rows[row]?.splice(column, 1, "#");
    }
  });
  return rows.map((row) => row.join(""));
}
