import type { Point, StageSummary } from "../../api/types";

/** Curves over the iterations of the whole run: the stages one behind the other. */
export interface AlignedCurves {
  x: number[];
  /** For each curve one value a place; null where it was not measured or not finite. */
  values: (number | null)[][];
}

/** Where each stage begins on the axis of the whole run. */
export function stageOffsets(stages: readonly StageSummary[], curves: readonly (readonly Point[])[]): number[] {
  const offsets: number[] = [];
  let next = 0;
  for (const stage of stages) {
    offsets[stage.index] = next;
    next += stage.total_iterations ?? lastIteration(stage.index, curves);
  }
  return offsets;
}

/** Lay curves over one axis. */
export function alignCurves(curves: readonly (readonly Point[])[], offsets: readonly number[]): AlignedCurves {
  const place = (point: Point) => (offsets[point.stage_index] ?? 0) + point.iteration;
  const x = [...new Set(curves.flatMap((points) => points.map(place)))].sort((a, b) => a - b);
  const index = new Map(x.map((value, position) => [value, position]));
  const values = curves.map((points) => {
    const row = new Array<number | null>(x.length).fill(null);
    for (const point of points) {
      row[index.get(place(point)) ?? 0] = typeof point.value === "number" ? point.value : null;
    }
    return row;
  });
  return { x, values };
}

/** Curves that share a chart: by the first word of their keys, so that losses stand beside losses. */
export function curveFamilies(keys: readonly string[]): { family: string; keys: string[] }[] {
  const families = new Map<string, string[]>();
  for (const key of keys) {
    const family = key.split(/[_/.]/)[0] ?? key;
    families.set(family, [...(families.get(family) ?? []), key]);
  }
  return [...families].map(([family, members]) => ({ family, keys: members }));
}

/** The curves that are shown when nobody has chosen: the losses, and without any the first few. */
export function defaultCurves(keys: readonly string[]): string[] {
  const losses = keys.filter((key) => key.startsWith("loss"));
  return (losses.length > 0 ? losses : keys).slice(0, 6);
}

function lastIteration(stage: number, curves: readonly (readonly Point[])[]): number {
  return curves.flat().reduce((last, point) => (point.stage_index === stage ? Math.max(last, point.iteration) : last), 0);
}
