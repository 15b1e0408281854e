import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { chartOptions, type Curve, isSameShape, type Marker } from "./line-chart-options";

interface LineChartProps {
  /** What the chart shows, for readers who cannot see it. */
  label: string;
  x: readonly number[];
  curves: readonly Curve[];
  /** Upright lines, such as where a step begins. */
  markers?: readonly Marker[];
  height?: number;
  xLabel: string;
  isLogarithmic?: boolean;
  /** Fixed ends of the axes; a changed array draws the chart anew only with its curves. */
  xRange?: readonly [number, number] | undefined;
  yRange?: readonly [number, number] | undefined;
  /** Charts of one key are zoomed together. */
  syncKey?: string | undefined;
}

/** Curves that are drawn anew in place: new points and new curves keep zoom, hidden curves and place (LIVE-7). */
export function LineChart(props: LineChartProps) {
  const { label, x, curves, markers = [], height = 240, xLabel, isLogarithmic = false, xRange, yRange, syncKey } = props;
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<Drawn | null>(null);
  const contentNow = useRef({ curves, markers });
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });

  useEffect(() => {
    const element = holder.current;
    if (element === null) {
      return;
    }
    contentNow.current = { curves, markers };
    const data = [x, ...curves.map((curve) => curve.values)] as uPlot.AlignedData;
    const drawn = chart.current;
    const isSameLook = drawn?.isLogarithmic === isLogarithmic && drawn.scheme === scheme;
    if (drawn !== null && isSameLook && isSameShape(drawn.curves, curves)) {
      update(drawn, data);
      return;
    }
    drawn?.plot.destroy();
    const shape = { width: wholeWidth(element.getBoundingClientRect()) || 600, height, xLabel, isLogarithmic, xRange, yRange, syncKey };
    const options = chartOptions(curves, shape, () => contentNow.current);
    // The same object stays: what the reader zooms is noted in it.
    chart.current = Object.assign(draw(element, options, data), { curves, isLogarithmic, scheme });
    if (drawn !== null) {
      carryView(drawn, chart.current);
    }
  }, [x, curves, markers, height, xLabel, isLogarithmic, xRange, yRange, syncKey, scheme]);

  useEffect(() => {
    const element = holder.current;
    const observer = new ResizeObserver(([entry]) => {
      const width = entry === undefined ? 0 : wholeWidth(entry.contentRect);
      // It tells the first width too, at which the chart has just been drawn.
      if (width > 0 && chart.current !== null && chart.current.plot.width !== width) {
        chart.current.plot.setSize({ width, height });
      }
    });
    if (element !== null) {
      observer.observe(element);
    }
    return () => {
      observer.disconnect();
      chart.current?.plot.destroy();
      chart.current = null;
    };
  }, [height]);

  return <div ref={holder} role="img" aria-label={label} className="line-chart" />;
}

function wholeWidth({ width }: { width: number }): number {
  return Math.floor(width);
}

/** What was drawn last, and whether the reader has zoomed into it. */
interface Drawn {
  plot: uPlot;
  curves: readonly Curve[];
  isLogarithmic: boolean;
  /** Light or dark, as it was drawn. */
  scheme: string;
  isZoomed: boolean;
}

function draw(element: HTMLElement, options: uPlot.Options, data: uPlot.AlignedData): Omit<Drawn, "curves" | "isLogarithmic" | "scheme"> {
  const drawn = { plot: new uPlot(options, data, element), isZoomed: false };
  drawn.plot.hooks.setSelect = [() => (drawn.isZoomed = true)];
  drawn.plot.over.addEventListener("dblclick", () => (drawn.isZoomed = false));
  return drawn;
}

/** Look at a chart of other curves as its reader looked at the one before. */
function carryView(before: Drawn, after: Drawn): void {
  const hidden = new Set(before.plot.series.flatMap(({ label, show }) => (show === false ? [label] : [])));
  after.plot.series.forEach(({ label }, place) => {
    if (hidden.has(label)) {
      after.plot.setSeries(place, { show: false });
    }
  });
  const { min, max } = before.plot.scales.x ?? {};
  if (before.isZoomed && typeof min === "number" && typeof max === "number") {
    after.plot.setScale("x", { min, max });
    after.isZoomed = true;
  }
}

function update({ plot, isZoomed }: Drawn, data: uPlot.AlignedData): void {
  plot.setData(data, !isZoomed);
  if (isZoomed) {
    plot.redraw();
  }
}
