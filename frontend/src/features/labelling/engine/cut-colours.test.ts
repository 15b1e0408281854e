import { expect, test } from "vitest";

import { paintCut } from "./cut-colours";

test("a cut has its colour inside and a white edge, and nothing around it", () => {
  const bits = Uint8Array.from([0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1]);
  const pixels = new Uint32Array(12);

  paintCut(pixels, { rect: { left: 2, top: 5, right: 6, bottom: 8 }, bits }, "#102030");

  const [nothing, edge, inside] = [0, 0xffffffff, new Uint32Array(Uint8Array.of(0x10, 0x20, 0x30, 255).buffer)[0]];
  expect([...pixels]).toEqual([nothing, edge, edge, edge, nothing, edge, inside, edge, nothing, edge, edge, edge]);
});
