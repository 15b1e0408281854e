import { expect, test } from "vitest";

import { fromHalf, readFeatures } from "./features-file";

function file(header: object, data: Uint8Array): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const content = new Uint8Array(8 + text.length + data.length);
  new DataView(content.buffer).setBigUint64(0, BigInt(text.length), true);
  content.set(text, 8);
  content.set(data, 8 + text.length);
  return content.buffer;
}

const HALVES = Uint16Array.from([0x3c00, 0xc000, 0x0001, 0x7bff]);
const HEADER = { __metadata__: {}, embeddings: { dtype: "F16", shape: [2, 2], data_offsets: [0, 8] } };

test("halves are read as single numbers", () => {
  expect([...fromHalf(Uint16Array.from([0x0000, 0x3c00, 0xc000, 0x3555, 0x7bff, 0x7c00]))]).toEqual([0, 1, -2, expect.closeTo(1 / 3, 3), 65504, Infinity]);
});

test("tensors are read by name", () => {
  const tensor = readFeatures(file(HEADER, new Uint8Array(HALVES.buffer))).get("embeddings");
  expect(tensor?.shape).toEqual([2, 2]);
  expect([...(tensor?.values ?? [])]).toEqual([1, -2, 2 ** -24, 65504]);
});

test("what is cut short or of another kind is told", () => {
  const whole = file(HEADER, new Uint8Array(HALVES.buffer));
  expect(() => readFeatures(whole.slice(0, whole.byteLength - 1))).toThrow("cut short");
  expect(() => readFeatures(whole.slice(0, 20))).toThrow("cut short");
  expect(() => readFeatures(new ArrayBuffer(3))).toThrow("cut short");
  expect(() => readFeatures(file({ a: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, new Uint8Array(8)))).toThrow("I64");
});
