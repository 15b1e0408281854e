/** A mask in COCO's compressed run lengths. */
export interface RunLengths {
  /** Height and width. */
  size: readonly number[];
  /** Lengths of the runs, column by column, in turn outside and inside the mask. */
  counts: string;
}

const FIRST_CHARACTER = 48;
const DIGIT_BITS = 5;
const DIGIT = 0x1f;
const GOES_ON = 0x20;
const NEGATIVE = 0x10;

/** One byte a pixel, row by row; 1 inside the mask. */
export function maskPixels({ size: [height = 0, width = 0], counts }: RunLengths): Uint8Array {
  const pixels = new Uint8Array(height * width);
  let place = 0;
  runsOf(counts).forEach((length, index) => {
    for (const end = place + length; place < end; place += 1) {
      pixels[(place % height) * width + Math.floor(place / height)] = index % 2;
    }
  });
  return pixels;
}

/** The lengths: from the fourth on each is written as its difference to the one two places before. */
function runsOf(counts: string): number[] {
  const runs: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of counts) {
    const code = character.charCodeAt(0) - FIRST_CHARACTER;
    value |= (code & DIGIT) << shift;
    shift += DIGIT_BITS;
    if ((code & GOES_ON) === 0) {
      const signed = (code & NEGATIVE) === 0 ? value : value | (-1 << shift);
      runs.push(signed + (runs.length > 2 ? (runs[runs.length - 2] ?? 0) : 0));
      value = shift = 0;
    }
  }
  return runs;
}
