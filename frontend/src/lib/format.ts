/** What stands where there is no value. */
export const NOTHING = "–";

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** A size in binary units: 1536 -> "1.5 KiB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit] ?? "B"}`;
}

/** A length of time by its two largest units: 3725 -> "1 h 2 min". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  if (whole < 3600) {
    return joined(Math.floor(whole / 60), "min", whole % 60, "s");
  }
  if (whole < 86_400) {
    return joined(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
  }
  return joined(Math.floor(whole / 86_400), "d", Math.floor((whole % 86_400) / 3600), "h");
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** An IoU or another share as percent with one decimal: 0.7949 -> "79.5". */
export function formatPercent(share: number | null | undefined): string {
  return share === null || share === undefined ? NOTHING : (share * 100).toFixed(1);
}

/** A measured value with four significant digits, without needless zeros. */
export function formatValue(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return NOTHING;
  }
  if (!Number.isFinite(value)) {
    return String(value);
  }
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

/** Any setting as one line of JSON. */
export function formatSetting(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? NOTHING : JSON.stringify(value);
}

/** Day and time in the reader's own zone. */
export function formatMoment(moment: string | null | undefined): string {
  if (moment === null || moment === undefined) {
    return NOTHING;
  }
  const date = new Date(moment);
  const day = `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
  return `${day} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** Seconds between two moments; null where one is missing. */
export function secondsBetween(start: string | null, end: string | null): number | null {
  return start === null || end === null ? null : (Date.parse(end) - Date.parse(start)) / 1000;
}

/** A whole number with its thousands apart: 12345 -> "12,345". */
export function formatNumber(count: number): string {
  return count.toLocaleString("en-GB");
}

/** "1 step", "2 steps". */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(count)} ${count === 1 ? noun : plural}`;
}
