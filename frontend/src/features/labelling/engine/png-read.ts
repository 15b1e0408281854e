/** Numbers of a grey or palette PNG as they are stored: a canvas keeps eight bits of them, and may change those. */
export interface Plane<Values> {
  width: number;
  height: number;
  /** Row by row. */
  values: Values;
}

interface Stored {
  width: number;
  height: number;
  /** Rows without their filters' bytes, unfiltered. */
  rows: Uint8Array;
}

const SIGNATURE_BYTES = 8;
const [GREY, PALETTE] = [0, 3];

/** Read a PNG of one channel of 8 bits, its palette aside; throws an Error that says what is other than that. */
export async function readGrey8(bytes: Uint8Array<ArrayBuffer>): Promise<Plane<Uint8Array>> {
  const { width, height, rows } = await readRows(bytes, 1);
  return { width, height, values: rows };
}

/** Read a PNG of one channel of 16 bits; throws an Error that says what is other than that. */
export async function readGrey16(bytes: Uint8Array<ArrayBuffer>): Promise<Plane<Uint16Array>> {
  const { width, height, rows } = await readRows(bytes, 2);
  const values = new Uint16Array(width * height);
  for (let at = 0; at < values.length; at++) {
    values[at] = ((rows[2 * at] ?? 0) << 8) | (rows[2 * at + 1] ?? 0);
  }
  return { width, height, values };
}

async function readRows(bytes: Uint8Array<ArrayBuffer>, sampleBytes: number): Promise<Stored> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: Uint8Array<ArrayBuffer>[] = [];
  let [width, height] = [0, 0];
  for (let at = SIGNATURE_BYTES; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const from = at + 8;
    if (name === "IHDR") {
      [width, height] = [view.getUint32(from), view.getUint32(from + 4)];
      check(bytes.subarray(from + 8, from + 13), 8 * sampleBytes);
    } else if (name === "IDAT") {
      data.push(bytes.subarray(from, from + length));
    }
    at = from + length + 4;
  }
  if (data.length === 0 || width === 0) {
    throw new Error("these bytes are no PNG");
  }
  const lines = await inflated(data);
  const stride = width * sampleBytes;
  if (lines.length !== (stride + 1) * height) {
    throw new Error(`a PNG of ${width} x ${height} pixels has ${lines.length} bytes of pixels`);
  }
  return { width, height, rows: unfiltered(lines, stride, height, sampleBytes) };
}

function check([depth, colour, , , interlace]: Uint8Array, wanted: number): void {
  if (depth !== wanted || (colour !== GREY && colour !== PALETTE) || interlace !== 0) {
    throw new Error(`a PNG with ${depth} bits, colour type ${colour} and interlacing ${interlace} is no plain one of ${wanted} bits`);
  }
}

async function inflated(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  const stream = new Blob([...parts]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function unfiltered(lines: Uint8Array, stride: number, height: number, sampleBytes: number): Uint8Array {
  const rows = new Uint8Array(stride * height);
  let above: Uint8Array = new Uint8Array(stride);
  for (let row = 0; row < height; row++) {
    const from = row * (stride + 1);
    const line = rows.subarray(row * stride, (row + 1) * stride);
    line.set(lines.subarray(from + 1, from + 1 + stride));
    undo(lines[from] ?? 0, line, above, sampleBytes);
    above = line;
  }
  return rows;
}

/** Undo a line's filter in place: none, left, above, their mean, or Paeth's. */
function undo(filter: number, line: Uint8Array, above: Uint8Array, back: number): void {
  if (filter === 1) {
    for (let at = back; at < line.length; at++) {
      line[at] = (line[at] ?? 0) + (line[at - back] ?? 0);
    }
  } else if (filter === 2) {
    for (let at = 0; at < line.length; at++) {
      line[at] = (line[at] ?? 0) + (above[at] ?? 0);
    }
  } else if (filter !== 0) {
    const guess = filter === 3 ? mean : paeth;
    for (let at = 0; at < line.length; at++) {
      const [left, corner] = at < back ? [0, 0] : [line[at - back] ?? 0, above[at - back] ?? 0];
      line[at] = (line[at] ?? 0) + guess(left, above[at] ?? 0, corner);
    }
  }
}

function mean(left: number, up: number): number {
  return (left + up) >> 1;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}
