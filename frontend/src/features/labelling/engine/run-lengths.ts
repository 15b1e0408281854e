const MORE = 0x80;
const FIRST_BYTES = 1024;
/** A value, and a count of 32 bits. */
const LONGEST_RUN_BYTES = 6;

/** Pack bytes as runs: a value, and how often it stands there in groups of seven bits, the lowest first. */
export function packRuns(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let packed = new Uint8Array(FIRST_BYTES);
  let used = 0;
  let from = 0;
  while (from < bytes.length) {
    const value = bytes[from] ?? 0;
    let end = from + 1;
    while (end < bytes.length && bytes[end] === value) {
      end++;
    }
    if (used + LONGEST_RUN_BYTES > packed.length) {
      const larger = new Uint8Array(2 * packed.length);
      larger.set(packed);
      packed = larger;
    }
    packed[used++] = value;
    let count = end - from;
    for (; count >= MORE; count >>>= 7) {
      packed[used++] = (count & (MORE - 1)) | MORE;
    }
    packed[used++] = count;
    from = end;
  }
  return packed.slice(0, used);
}

/** Undo `packRuns` into an array of `length` bytes. */
export function unpackRuns(packed: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let to = 0;
  let at = 0;
  while (at < packed.length) {
    const value = packed[at++] ?? 0;
    let count = 0;
    let part = MORE;
    for (let shift = 0; part >= MORE; shift += 7) {
      part = packed[at++] ?? 0;
      count |= (part & (MORE - 1)) << shift;
    }
    bytes.fill(value, to, to + count);
    to += count;
  }
  return bytes;
}
