import { formatValue } from "../../../lib/format";

/** Writes values of a range so finely that neighbouring ends of its bars differ. */
export function rangeText([low, high]: readonly [number, number], bars: number): (value: number) => string {
  const width = (high - low) / Math.max(1, bars);
  const size = Math.max(Math.abs(low), Math.abs(high));
  const digits = width > 0 && size > 0 ? Math.ceil(Math.log10(size / width)) + 1 : 4;
  return digits <= 4 ? formatValue : (value) => String(Number(value.toPrecision(Math.min(digits, 15))));
}

/** One bar of a histogram. */
export interface Bin {
  /** Ends of its values, as text. */
  from: string;
  to: string;
  images: number;
  /** Height against the highest bar, 0 to 1. */
  share: number;
}

/** The bars of equal width between two ends. */
export function histogramBins(counts: readonly number[], [low, high]: readonly [number, number]): Bin[] {
  const highest = Math.max(1, ...counts);
  const text = rangeText([low, high], counts.length);
  const end = (place: number) => text(low + ((high - low) * place) / Math.max(1, counts.length));
  return counts.map((images, place) => ({ from: end(place), to: end(place + 1), images, share: images / highest }));
}
