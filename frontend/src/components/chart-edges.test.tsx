import type uPlot from "uplot";
import { expect, test } from "vitest";

import { chartOptions, type Marker } from "./line-chart-options";

const SHAPE = { width: 600, height: 200, xLabel: "iteration", isLogarithmic: false, xRange: undefined, yRange: undefined, syncKey: undefined };

/** Where the names of markers are written in a picture of 600 pixels, each letter 7 wide and each iteration one pixel. */
function writtenNames(markers: readonly Marker[]): { text: string; at: number; align: string }[] {
  const found: { text: string; at: number; align: string }[] = [];
  const ctx = {
    canvas: { width: 600 },
    textAlign: "left",
    measureText: (text: string) => ({ width: text.length * 7 }),
    fillText: (text: string, at: number) => found.push({ text, at, align: ctx.textAlign }),
    ...Object.fromEntries(["save", "restore", "setLineDash", "beginPath", "moveTo", "lineTo", "stroke"].map((name) => [name, () => undefined])),
  };
  const plot = { ctx, bbox: { left: 0, top: 0, width: 600, height: 200 }, valToPos: (x: number) => x };
  const [draw] = chartOptions([], SHAPE, () => ({ curves: [], markers })).hooks?.draw ?? [];
  draw?.(plot as unknown as uPlot);
  return found;
}

test("the last label of the axis below has room for its half that stands out", () => {
  const [, right] = chartOptions([], SHAPE, () => ({ curves: [], markers: [] })).padding ?? [];
  // "1234.5k", the longest that is written, in 11 px.
  expect(right).toBeGreaterThanOrEqual((7 * 6.5) / 2);
});

test("the name of a marker at the right edge stands left of its line", () => {
  expect(writtenNames([{ x: 10, label: "learn-pits" }, { x: 590, label: "learn-polyps" }])).toEqual([
    { text: "learn-pits", at: 14, align: "left" },
    { text: "learn-polyps", at: 586, align: "right" },
  ]);
});
