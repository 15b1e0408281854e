import type { Point, StageSummary } from "../../api/types";

/** Curves over the iterations of the whole run: the stages one behind the other. */
export interface AlignedCurves {
  x: number[];
  /** For each curve one value a place; null where it was not measured or not finite. */
  values: (number | null)[][];
}

/** Most curves at a time: more cannot be told apart, and each has to be loaded. */
export const MOST_SHOWN = 24;

/** Where each stage begins on the axis of the whole run. */
export function stageOffsets(stages: readonly StageSummary[], curves: readonly (readonly Point[])[]): number[] {
  const offsets: number[] = [];
  const measured = lastIterations(curves);
  let next = 0;
  for (const stage of stages) {
    offsets[stage.index] = next;
    next += stage.total_iterations ?? measured[stage.index] ?? 0;
  }
  return offsets;
}

/** Lay curves over one axis, in one pass over all of them; of two points at one place the later one counts. */
export function alignCurves(curves: readonly (readonly Point[])[], offsets: readonly number[]): AlignedCurves {
  const placed = curves.map((points) => inOrder(points, offsets));
  const next = placed.map(() => 0);
  const x: number[] = [];
  const values: (number | null)[][] = placed.map(() => []);
  for (let place = nextPlace(placed, next); place < Infinity; place = nextPlace(placed, next)) {
    x.push(place);
    placed.forEach(({ places, points }, curve) => {
      let at = next[curve] ?? 0;
      let value: Point["value"] | null = null;
      while (places[at] === place) {
        value = points[at]?.value ?? null;
        at += 1;
      }
      next[curve] = at;
      values[curve]?.push(typeof value === "number" ? value : null);
    });
  }
  return { x, values };
}

interface PlacedCurve {
  /** Where each point lies on the axis of the run; never falling. */
  places: Float64Array;
  points: readonly Point[];
}

function inOrder(points: readonly Point[], offsets: readonly number[]): PlacedCurve {
  const placeOf = (point: Point) => (offsets[point.stage_index] ?? 0) + point.iteration;
  const places = Float64Array.from(points, placeOf);
  if (places.every((place, at) => at === 0 || place >= (places[at - 1] ?? 0))) {
    return { places, points };
  }
  return { places: places.sort(), points: [...points].sort((one, other) => placeOf(one) - placeOf(other)) };
}

/** The smallest place that no curve has passed; infinity at the end of all. */
function nextPlace(placed: readonly PlacedCurve[], next: readonly number[]): number {
  return placed.reduce((least, { places }, curve) => Math.min(least, places[next[curve] ?? 0] ?? Infinity), Infinity);
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
  return [...new Set(losses.length > 0 ? losses : keys)].slice(0, 6);
}

function lastIterations(curves: readonly (readonly Point[])[]): number[] {
  const last: number[] = [];
  for (const points of curves) {
    for (const { stage_index, iteration } of points) {
      last[stage_index] = Math.max(last[stage_index] ?? 0, iteration);
    }
  }
  return last;
}
