import { expect, test } from "vitest";

import { answerFaults, sharesOf } from "./answer-check";
import { LabelMap, SOURCE, tileRect } from "./label-map";
import { Painter } from "./painter";
import { colourTable, paintOutline, paintOverlay } from "./overlay";
import { indexPng } from "./png";
import { nextSave, retryDelay, type Work } from "./save-clock";
import { drawnMap, IGNORED, randomFrom } from "./testing";
import { UnsavedTiles } from "./unsaved-tiles";

test("a PNG holds the ids as they are", async () => {
  const random = randomFrom(9);
  const ids = Uint8Array.from({ length: 37 * 5 }, () => Math.floor(random() * 256));
  const png = await indexPng(ids, 37, 5);
  const view = new DataView(png.buffer);
  expect(String.fromCharCode(...png.subarray(0, 8))).toBe("\x89PNG\r\n\x1a\n");
  expect([view.getUint32(16), view.getUint32(20), png[24], png[25]]).toEqual([37, 5, 8, 0]);
  const packed = new Blob([png.subarray(41, 41 + view.getUint32(33))]);
  const lines = new Uint8Array(await new Response(packed.stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer());
  const rows = Array.from({ length: 5 }, (_, row) => [...lines.subarray(row * 38 + 1, (row + 1) * 38)]);
  expect(rows.flat()).toEqual([...ids]);
  // The end of every PNG, with its well-known checksum.
  expect([...png.subarray(-8)]).toEqual([0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
});

test("the tiles at the borders are smaller", () => {
  const map = new LabelMap(300, 257, new Uint8Array(300 * 257), IGNORED);
  expect(tileRect(map, 3)).toEqual({ left: 256, top: 256, right: 300, bottom: 257 });
});

test("only tiles that changed are to be saved, and one that changes on its way is saved again", () => {
  const unsaved = new UnsavedTiles(new LabelMap(600, 600, new Uint8Array(360_000), IGNORED));
  unsaved.add({ left: 255, top: 0, right: 257, bottom: 1 });
  const sending = unsaved.toSend(256);
  expect([...sending.keys()]).toEqual([0, 1]);
  unsaved.add({ left: 256, top: 10, right: 258, bottom: 11 });
  unsaved.sent(sending);
  expect([...unsaved.toSend(256).keys()]).toEqual([1]);
  expect(unsaved.toSend(0).size).toBe(0);
});

const IDLE: Work = { unsavedSince: null, lastChange: null, isDrawing: false, isSaving: false, notBefore: null };

test.each<[string, Partial<Work>, number, number | null]>([
  ["nothing to save", {}, 0, null],
  ["two seconds after the last stroke", { unsavedSince: 1000, lastChange: 4000 }, 4500, 6000],
  ["fifteen seconds after the first, while strokes go on", { unsavedSince: 1000, lastChange: 15_500 }, 15_600, 16_000],
  ["at once when that is over", { unsavedSince: 1000, lastChange: 30_000 }, 30_000, 30_000],
  ["never inside a stroke", { unsavedSince: 1000, lastChange: 2000, isDrawing: true }, 60_000, null],
  ["one save at a time", { unsavedSince: 1000, lastChange: 2000, isSaving: true }, 60_000, null],
  ["later after one that failed", { unsavedSince: 1000, lastChange: 2000, notBefore: 70_000 }, 60_000, 70_000],
])("work is saved: %s", (_, work, now, expected) => {
  expect(nextSave({ ...IDLE, ...work }, now)).toBe(expected);
});

test("tries that fail come at longer distances", () => {
  expect([1, 2, 3, 6, 20].map(retryDelay)).toEqual([1000, 2000, 4000, 30_000, 30_000]);
});

test("what an answer lacks is named with its place", () => {
  const map = drawnMap("1111.", "1211.", "11111", "11111");
  expect(answerFaults(map, null)).toEqual([
    { kind: "unlabelled", id: IGNORED, pixels: 2, rect: { left: 4, top: 0, right: 5, bottom: 2 } },
    { kind: "tiny", id: 2, pixels: 1, rect: { left: 1, top: 1, right: 2, bottom: 2 } },
  ]);
  const queried = new Uint8Array(20).fill(1, 10);
  expect(answerFaults(map, queried).map(({ kind }) => kind)).toEqual(["tiny"]);
});

test("queried pixels are counted by who labelled them", () => {
  const painter = new Painter(drawnMap(".....", "....."));
  painter.act(1, SOURCE.model, (edit) => edit.span(0, 0, 4));
  painter.act(2, SOURCE.person, (edit) => edit.span(0, 0, 1));
  painter.act(3, SOURCE.assisted, (edit) => edit.span(1, 0, 5));
  const first = Uint8Array.from([1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
  expect(sharesOf(painter.map, first)).toEqual({ person: 1, model: 3, assisted: 0, unlabelled: 1 });
  expect(sharesOf(painter.map, null)).toEqual({ person: 1, model: 3, assisted: 5, unlabelled: 1 });
});

test("labels are drawn in their colours, borders alone where that is asked", () => {
  const map = drawnMap("112.", "112.", "222.");
  const style = { colours: new Map([[1, "#ff8000"]]), isOutline: false, hidden: new Set([9]) };
  const table = colourTable(style, IGNORED);
  expect([...new Uint8Array(table.buffer, 4, 4)]).toEqual([255, 128, 0, 255]);
  expect([...new Uint8Array(table.buffer, 8, 4)]).toEqual([128, 128, 128, 255]);
  expect([table[IGNORED], table[9]]).toEqual([0, 0]);
  const pixels = new Uint32Array(6);
  const rect = { left: 1, top: 0, right: 3, bottom: 3 };
  paintOverlay(pixels, map, rect, table);
  expect([...pixels]).toEqual([1, 2, 1, 2, 2, 2].map((id) => table[id]));
  paintOutline(pixels, map, { left: 0, top: 0, right: 2, bottom: 3 }, table);
  expect([...pixels].map((colour) => colour !== 0)).toEqual([false, true, true, true, true, true]);
});
