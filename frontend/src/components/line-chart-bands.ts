import uPlot from "uplot";

import type { Curve } from "./line-chart-options";

const BAND_OPACITY = 0.18;
/** Kind of a scale in uPlot. */
const LOGARITHMIC = 3;
/** Room above and below, as a share of the height. */
const ROOM = 0.1;

/** The range of the values that are in view, with the bands around them. */
export function bandRange(curves: () => readonly Curve[]): uPlot.Range.Function {
  return (plot, low, high) => {
    const [first, last] = plot.series[0]?.idxs ?? [0, -1];
    // uPlot gives null where nothing is in view.
    let [min, max] = [low as number | null, high as number | null];
    curves().forEach(({ values, deviations }, place) => {
      if (deviations === undefined || plot.series[place + 1]?.show === false) {
        return;
      }
      for (let at = first; at <= last; at += 1) {
        const [value, deviation] = [values[at] ?? null, deviations[at] ?? null];
        if (value !== null && deviation !== null) {
          min = Math.min(min ?? value, value - deviation);
          max = Math.max(max ?? value, value + deviation);
        }
      }
    });
    return min === null || max === null ? [null, null] : uPlot.rangeNum(min, max, ROOM, true);
  };
}

/** Draws a band of ± its deviations around every curve that has some and is not hidden. */
export function drawBands(plot: uPlot, curves: readonly Curve[], colourOf: (name: string) => string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.globalAlpha = BAND_OPACITY;
  curves.forEach((curve, place) => {
    if (curve.deviations !== undefined && plot.series[place + 1]?.show !== false) {
      ctx.fillStyle = curve.colour.startsWith("--") ? colourOf(curve.colour) : curve.colour;
      ctx.fill(bandPath(plot, curve, curve.deviations));
    }
  });
  ctx.restore();
}

/** The outline of a band: along the upper edge, and back along the lower one. */
function bandPath(plot: uPlot, { values }: Curve, deviations: readonly (number | null)[]): Path2D {
  const path = new Path2D();
  const [x = []] = plot.data;
  const edges = values.flatMap((value, at) => {
    const [place, deviation] = [x[at], deviations[at] ?? null];
    return value === null || deviation === null || place === undefined ? [] : [{ left: plot.valToPos(place, "x", true), low: value - deviation, high: value + deviation }];
  });
  // A logarithmic axis has no place for zero and below: the band then ends at the axis.
  const floor = Number(plot.scales.y?.distr) === LOGARITHMIC ? (plot.scales.y?.min ?? 0) : -Infinity;
  edges.forEach(({ left, high }) => path.lineTo(left, plot.valToPos(high, "y", true)));
  edges.reverse().forEach(({ left, low }) => path.lineTo(left, plot.valToPos(Math.max(low, floor), "y", true)));
  path.closePath();
  return path;
}
