import { MantineProvider } from "@mantine/core";
import { act, render } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { LineChart } from "./line-chart";

interface FakePlot {
  hooks: { setSelect?: (() => void)[] };
  series: { label: string; show?: boolean }[];
  scales: { x: { min: number; max: number } };
}

/** Charts that were drawn, in order, and the widths at which they were. */
const { widths, plots } = vi.hoisted((): { widths: number[]; plots: FakePlot[] } => ({ widths: [], plots: [] }));

vi.mock("uplot", () => ({
  default: class implements FakePlot {
    hooks = {};
    over = document.createElement("div");
    width: number;
    series: FakePlot["series"];
    scales = { x: { min: 1, max: 2 } };
    constructor(options: { width: number; series: FakePlot["series"] }) {
      this.width = options.width;
      this.series = options.series.map(({ label }) => ({ label, show: true }));
      widths.push(options.width);
      plots.push(this);
    }
    setSeries(place: number, { show }: { show: boolean }) {
      Object.assign(this.series[place] ?? {}, { show });
    }
    setScale(_: "x", { min, max }: { min: number; max: number }) {
      this.scales.x = { min, max };
    }
    setSize({ width }: { width: number }) {
      this.width = width;
      widths.push(width);
    }
    destroy() {
      return;
    }
  },
}));

let tellWidth: (width: number) => void;

beforeEach(() => {
  widths.length = 0;
  plots.length = 0;
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(tell: (entries: { contentRect: { width: number } }[]) => void) {
        tellWidth = (width) => act(() => tell([{ contentRect: { width } }]));
      }
      observe() {
        return;
      }
      disconnect() {
        return;
      }
    },
  );
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 812.5, 240));
});

const CURVES = [{ label: "loss", colour: "#000", values: [1, 2] }];

test("a chart is drawn once at its first width, and again only when that changes", () => {
  render(<LineChart label="loss" x={[1, 2]} curves={CURVES} xLabel="iteration" />, { wrapper: MantineProvider });
  tellWidth(812.5);
  expect(widths).toEqual([812]);
  tellWidth(640.2);
  tellWidth(640.4);
  expect(widths).toEqual([812, 640]);
});

test("a curve that joins leaves zoom and hidden curves as they are", () => {
  const hidden = { label: "kd", colour: "#000", values: [3, 4] };
  const { rerender } = render(<LineChart label="loss" x={[1, 2]} curves={[...CURVES, hidden]} xLabel="iteration" />, { wrapper: MantineProvider });
  const before = plots[0];
  Object.assign(before?.series[2] ?? {}, { show: false });
  before?.hooks.setSelect?.forEach((tell) => tell());
  Object.assign(before?.scales.x ?? {}, { min: 1.2, max: 1.6 });

  const joined = { label: "contrast", colour: "#000", values: [5, 6] };
  rerender(<LineChart label="loss" x={[1, 2]} curves={[joined, ...CURVES, hidden]} xLabel="iteration" />);
  const after = plots[1];
  expect(after?.series.map(({ label, show }) => [label, show])).toEqual([
    ["iteration", true],
    ["contrast", true],
    ["loss", true],
    ["kd", false],
  ]);
  expect(after?.scales.x).toEqual({ min: 1.2, max: 1.6 });
});
