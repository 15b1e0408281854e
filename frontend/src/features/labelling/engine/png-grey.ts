/** A grey picture of 16 bits: a canvas would keep only eight of them. */
export interface Grey16 {
  width: number;
  height: number;
  /** Row by row. */
  values: Uint16Array;
}

const SIGNATURE_BYTES = 8;
const BYTES = 2;

/** Read a grey PNG of 16 bits without interlacing; throws an Error that says what is other than that. */
export async function readGrey16(bytes: Uint8Array<ArrayBuffer>): Promise<Grey16> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: Uint8Array<ArrayBuffer>[] = [];
  let [width, height] = [0, 0];
  for (let at = SIGNATURE_BYTES; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const from = at + 8;
    if (name === "IHDR") {
      [width, height] = [view.getUint32(from), view.getUint32(from + 4)];
      const [depth, colour, interlace] = [bytes[from + 8], bytes[from + 9], bytes[from + 12]];
      if (depth !== 16 || colour !== 0 || interlace !== 0) {
        throw new Error(`a PNG with ${depth} bits, colour type ${colour} and interlacing ${interlace} is no grey one of 16 bits`);
      }
    } else if (name === "IDAT") {
      data.push(bytes.subarray(from, from + length));
    }
    at = from + length + 4;
  }
  if (data.length === 0 || width === 0) {
    throw new Error("these bytes are no PNG");
  }
  const lines = await inflated(data);
  const stride = width * BYTES;
  if (lines.length !== (stride + 1) * height) {
    throw new Error(`a PNG of ${width} x ${height} pixels has ${lines.length} bytes of pixels`);
  }
  return { width, height, values: unfiltered(lines, stride, height) };
}

async function inflated(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  const stream = new Blob([...parts]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Undo the filter of every line, and join its bytes to numbers. */
function unfiltered(lines: Uint8Array, stride: number, height: number): Uint16Array {
  const values = new Uint16Array((stride / BYTES) * height);
  let above: Uint8Array = new Uint8Array(stride);
  for (let row = 0; row < height; row++) {
    const from = row * (stride + 1);
    const line = lines.subarray(from + 1, from + 1 + stride);
    undo(lines[from] ?? 0, line, above);
    const first = (row * stride) / BYTES;
    for (let column = 0; column < stride / BYTES; column++) {
      values[first + column] = ((line[BYTES * column] ?? 0) << 8) | (line[BYTES * column + 1] ?? 0);
    }
    above = line;
  }
  return values;
}

/** Undo a line's filter in place: none, left, above, their mean, or Paeth's. */
function undo(filter: number, line: Uint8Array, above: Uint8Array): void {
  if (filter === 0) {
    return;
  }
  for (let at = 0; at < line.length; at++) {
    const left = at < BYTES ? 0 : (line[at - BYTES] ?? 0);
    const up = above[at] ?? 0;
    const corner = at < BYTES ? 0 : (above[at - BYTES] ?? 0);
    line[at] = (line[at] ?? 0) + (filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner));
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}
