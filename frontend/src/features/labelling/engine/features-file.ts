const LENGTH_BYTES = 8;

/** A tensor in single precision. */
export interface Tensor {
  shape: readonly number[];
  values: Float32Array;
}

/** The tensors of a safetensors file in half or single precision; throws an Error where it is damaged. */
export function readFeatures(content: ArrayBuffer): ReadonlyMap<string, Tensor> {
  const view = new DataView(content);
  if (content.byteLength < LENGTH_BYTES) {
    throw new Error("the features are cut short");
  }
  const length = Number(view.getBigUint64(0, true));
  const start = LENGTH_BYTES + length;
  if (start > content.byteLength) {
    throw new Error("the features are cut short");
  }
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(content, LENGTH_BYTES, length))) as Record<string, HeaderEntry>;
  return new Map(
    Object.entries(header)
      .filter(([name]) => name !== "__metadata__")
      .map(([name, entry]) => [name, { shape: entry.shape, values: valuesOf(content, start, entry) }]),
  );
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

function valuesOf(content: ArrayBuffer, start: number, { dtype, data_offsets: [begin, end] }: HeaderEntry): Float32Array {
  if (start + end > content.byteLength) {
    throw new Error("the features are cut short");
  }
  // A view needs an aligned start, which the header does not promise.
  const bytes = content.slice(start + begin, start + end);
  if (dtype === "F32") {
    return new Float32Array(bytes);
  }
  if (dtype !== "F16") {
    throw new Error(`the features are in ${dtype}, which this page cannot read`);
  }
  return fromHalf(new Uint16Array(bytes));
}

let table: Float32Array | null = null;

/** Numbers in half precision as single ones. */
export function fromHalf(halves: Uint16Array): Float32Array {
  table ??= halfTable();
  const values = new Float32Array(halves.length);
  for (let at = 0; at < halves.length; at++) {
    values[at] = table[halves[at] ?? 0] ?? 0;
  }
  return values;
}

function halfTable(): Float32Array {
  const found = new Float32Array(1 << 16);
  for (let bits = 0; bits < found.length; bits++) {
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    const size = exponent === 0 ? fraction * 2 ** -24 : exponent === 31 ? (fraction === 0 ? Infinity : NaN) : (1 + fraction / 1024) * 2 ** (exponent - 15);
    found[bits] = bits & 0x8000 ? -size : size;
  }
  return found;
}
