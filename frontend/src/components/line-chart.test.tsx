import { act, render } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { LineChart } from "./line-chart";

/** Widths at which a chart was drawn, in order. */
const widths = vi.hoisted((): number[] => []);

vi.mock("uplot", () => ({
  default: class {
    hooks = {};
    over = document.createElement("div");
    width: number;
    constructor(options: { width: number }) {
      this.width = options.width;
      widths.push(options.width);
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
  render(<LineChart label="loss" x={[1, 2]} curves={CURVES} xLabel="iteration" />);
  tellWidth(812.5);
  expect(widths).toEqual([812]);
  tellWidth(640.2);
  tellWidth(640.4);
  expect(widths).toEqual([812, 640]);
});
