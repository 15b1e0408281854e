import { expect, test } from "vitest";

import { indexPng } from "./png";
import { randomFrom } from "./testing";
import { readGrey16, readGrey8 } from "./png-read";

function chunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  new DataView(bytes.buffer).setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(data, 8);
  return bytes;
}

/** A PNG of 2 pixels a row, from lines that begin with their filter; its checksums are not looked at. */
async function png(lines: number[][], cut: number): Promise<Uint8Array<ArrayBuffer>> {
  const header = Uint8Array.from([0, 0, 0, 2, 0, 0, 0, lines.length, 16, 0, 0, 0, 0]);
  const packed = new Blob([Uint8Array.from(lines.flat())]).stream().pipeThrough(new CompressionStream("deflate"));
  const data = new Uint8Array(await new Response(packed).arrayBuffer());
  const parts = [new Uint8Array(8), chunk("IHDR", header), chunk("IDAT", data.subarray(0, cut)), chunk("IDAT", data.subarray(cut))];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

test("every filter is undone, and data in several pieces is joined", async () => {
  const lines = [
    [0, 1, 2, 3, 4], // as it is: 258, 772
    [1, 1, 2, 1, 1], // left: 1 2, 2 3
    [2, 1, 1, 255, 255], // above: 2 3, 1 2
    [3, 1, 1, 1, 1], // mean: 2 2, 2 3
    [4, 0, 0, 0, 1], // Paeth
  ];
  const read = await readGrey16(await png(lines, 5));
  expect([read.width, read.height]).toEqual([2, 5]);
  expect([...read.values]).toEqual([258, 772, 258, 515, 515, 258, 514, 515, 514, 516]);
});

test("what is no such PNG is refused", async () => {
  await expect(readGrey16(await indexPng(Uint8Array.from([1, 2]), 2, 1))).rejects.toThrow("8 bits");
  await expect(readGrey16(new Uint8Array(8))).rejects.toThrow("no PNG");
});

test("what the page writes is read as it was", async () => {
  const random = randomFrom(4);
  const ids = Uint8Array.from({ length: 21 * 9 }, () => Math.floor(random() * 256));
  expect(await readGrey8(await indexPng(ids, 21, 9))).toEqual({ width: 21, height: 9, values: ids });
});
