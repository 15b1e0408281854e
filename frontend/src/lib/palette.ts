/** Background of a heat-map cell: the share of `--heat-high` (good) or `--heat-loss` (bad) mixed into the page's colour. */
export function heatBackground(share: number, scale: "value" | "loss"): string {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 78);
  return `color-mix(in srgb, var(--heat-${scale}) ${percent}%, var(--mantine-color-body))`;
}

/** Colours of curves that are no classes, told apart under the common colour deficiencies (Okabe and Ito, 2008). */
const CURVE_COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#8a8f00", "#7f7f7f"] as const;

/** The colour of the n-th curve. */
export function curveColour(index: number): string {
  return CURVE_COLOURS[index % CURVE_COLOURS.length] ?? CURVE_COLOURS[0];
}

/** Red, green and blue of #rrggbb, 0 to 255. */
export function channels(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
