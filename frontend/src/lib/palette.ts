/** Background of a heat-map cell: the share of `--heat-high` (good) or `--heat-loss` (bad) mixed into the page's colour. */
export function heatBackground(share: number, scale: "value" | "loss"): string {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 78);
  return `color-mix(in srgb, var(--heat-${scale}) ${percent}%, var(--mantine-color-body))`;
}

/** Colours of curves in page.css, for light and dark. */
const CURVES = 8;

/** The name of the colour of the n-th curve: a variable of the page, which the chart reads when it draws. */
export function curveColour(index: number): string {
  return `--curve-${index % CURVES}`;
}

/** Red, green and blue of #rrggbb, 0 to 255. */
export function channels(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
