import uPlot from "uplot";

import { formatValue } from "../lib/format";
import { bandRange, drawBands } from "./line-chart-bands";

/** One line of a chart. */
export interface Curve {
  label: string;
  /** A colour, or the name of a variable of the page that holds one. */
  colour: string;
  /** One value for each x; null leaves a gap. */
  values: readonly (number | null)[];
  /** Pattern of the line, so that colour is not all that tells it apart. */
  dash?: number[];
  /** Whether every point is drawn: for few points. */
  hasPoints?: boolean;
  /** Whether it stands behind others, such as one seed behind the mean. */
  isThin?: boolean;
  /** For each value half the height of a band around it; null for none. */
  deviations?: readonly (number | null)[];
}

/** An upright line with a name. */
export interface Marker {
  x: number;
  label: string;
  /** Whether something ended badly there: drawn in red, with its name at the foot. */
  isFailure?: boolean;
}

export interface ChartShape {
  width: number;
  height: number;
  xLabel: string;
  isLogarithmic: boolean;
  xRange: readonly [number, number] | undefined;
  yRange: readonly [number, number] | undefined;
  /** Charts of one key show the same place and are zoomed together. */
  syncKey: string | undefined;
}

/** What changes from one drawing to the next without the curves' names. */
export interface ChartContent {
  curves: readonly Curve[];
  markers: readonly Marker[];
}

/** Values above which a curve is drawn thin and whole: dashes could not be told, and take ten times as long to draw. */
const DENSE = 4000;

const AXIS_FONT = "11px system-ui, sans-serif";
const LEAST_AXIS_PX = 56;
/** uPlot's tick of 10 and gap of 5 pixels, and some air. */
const TICK_AND_GAP_PX = 19;

/** Room right of a chart for half of the last label below it. */
const LAST_LABEL_PX = 24;

/** Distances of ticks: 1, 2, 5, 10 … Iterations and steps are whole numbers. */
const WHOLE_STEPS = Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** Distribution 3 of uPlot; its name exists for the compiler alone. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const LOGARITHMIC: uPlot.Scale = { distr: 3 };

/** Whether curves can replace one another in place: then zoom and hidden curves stay. */
export function isSameShape(before: readonly Curve[], after: readonly Curve[]): boolean {
  return before.length === after.length && before.every((curve, index) => curve.label === after[index]?.label);
}

/** uPlot's options for curves over a number, in the colours of the page. */
export function chartOptions(curves: readonly Curve[], shape: ChartShape, content: () => ChartContent): uPlot.Options {
  return {
    width: shape.width,
    height: shape.height,
    padding: [null, LAST_LABEL_PX, null, null],
    cursor: {
      drag: { x: true, y: false },
      points: { size: 6 },
      ...(shape.syncKey !== undefined && { sync: { key: shape.syncKey, setSeries: false } }),
    },
    legend: { live: true },
    scales: { x: { time: false, range: xRangeOf(shape) }, y: yScale(shape, content) },
    axes: [
      {
        ...axisLook(),
        label: shape.xLabel,
        labelSize: 18,
        size: 34,
        incrs: WHOLE_STEPS,
        values: (_, ticks) => ticks.map(shortNumber),
      },
      {
        ...axisLook(),
        size: (plot, labels) => axisWidth(labels, widthsIn(plot.ctx)),
        values: (_, ticks) => ticks.map((tick: number | null) => (tick === null ? "" : formatValue(tick))),
      },
    ],
    series: [
      { label: shape.xLabel, value: (_, value: number | null) => (value === null ? "–" : String(value)) },
      ...curves.map(seriesOf),
    ],
    hooks: {
      drawAxes: [(plot) => drawBands(plot, content().curves, pageColour)],
      draw: [(plot) => drawMarkers(plot, content().markers)],
    },
  };
}

/** Room for labels left of a chart, in CSS pixels: labels are null while the ticks are not known. */
export function axisWidth(labels: readonly string[] | null, widthOf: (label: string) => number): number {
  const widest = Math.max(0, ...(labels ?? []).map(widthOf));
  return Math.max(LEAST_AXIS_PX, Math.ceil(widest) + TICK_AND_GAP_PX);
}

/** Widths of labels in CSS pixels, in the axis' own font. */
function widthsIn(ctx: CanvasRenderingContext2D): (label: string) => number {
  return (label) => {
    // Restored afterwards: uPlot notes which font it has set.
    ctx.save();
    ctx.font = AXIS_FONT;
    const { width } = ctx.measureText(label);
    ctx.restore();
    return width;
  };
}

/** The given ends, else those of the points; a single point gets room at both sides. */
function xRangeOf({ xRange }: ChartShape): uPlot.Range.Function {
  return (_, min, max) => {
    const [first, last] = [min, max] as [number | null, number | null];
    if (first === null || last === null) {
      return [...(xRange ?? [0, 1])];
    }
    return first === last ? [...(xRange ?? [first - 1, last + 1])] : [first, last];
  };
}

function yScale({ isLogarithmic, yRange }: ChartShape, content: () => ChartContent): uPlot.Scale {
  if (isLogarithmic || yRange !== undefined) {
    return isLogarithmic ? LOGARITHMIC : { range: [...(yRange ?? [0, 1])] };
  }
  // Bands may come later, with the second seed.
  return { range: bandRange(() => content().curves) };
}

function seriesOf(curve: Curve): uPlot.Series {
  const isDense = curve.values.length > DENSE;
  return {
    label: curve.label,
    stroke: () => (curve.colour.startsWith("--") ? pageColour(curve.colour) : curve.colour),
    width: isDense || curve.isThin === true ? 1 : 2,
    dash: isDense ? [] : (curve.dash ?? []),
    spanGaps: true,
    points: { size: 7, ...(curve.hasPoints === true && { show: true }) },
    value: (_, value: number | null) => formatValue(value),
  };
}

function axisLook(): Pick<uPlot.Axis, "stroke" | "grid" | "ticks" | "font" | "labelFont"> {
  const line = { stroke: () => pageColour("--mantine-color-default-border"), width: 1 };
  return { stroke: () => pageColour("--mantine-color-dimmed"), grid: line, ticks: line, font: AXIS_FONT, labelFont: AXIS_FONT };
}

function drawMarkers(plot: uPlot, markers: readonly Marker[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textBaseline = "alphabetic";
  ctx.setLineDash([4, 4]);
  for (const marker of markers) {
    ctx.strokeStyle = pageColour(marker.isFailure === true ? "--mantine-color-error" : "--mantine-color-dimmed");
    ctx.fillStyle = ctx.strokeStyle;
    const left = plot.valToPos(marker.x, "x", true);
    if (left >= bbox.left && left <= bbox.left + bbox.width) {
      ctx.beginPath();
      ctx.moveTo(left, bbox.top);
      ctx.lineTo(left, bbox.top + bbox.height);
      ctx.stroke();
      // A name that would leave the picture stands left of its line.
      const leaves = left + 4 + ctx.measureText(marker.label).width > ctx.canvas.width;
      ctx.textAlign = leaves ? "right" : "left";
      const foot = marker.isFailure === true ? bbox.top + bbox.height - 6 * devicePixelRatio : bbox.top + 12 * devicePixelRatio;
      ctx.fillText(marker.label, leaves ? left - 4 : left + 4, foot);
    }
  }
  ctx.restore();
}

function shortNumber(value: number): string {
  return Math.abs(value) >= 10_000 ? `${value / 1000}k` : String(value);
}

function pageColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#888";
}
