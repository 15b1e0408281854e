import type { Point, StageSummary } from "../../../api/types";

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
  const measured = stages.every((stage) => stage.total_iterations !== null) ? [] : lastIterations(curves);
  let next = 0;
  for (const stage of stages) {
    offsets[stage.index] = next;
    next += stage.total_iterations ?? measured[stage.index] ?? 0;
  }
  return offsets;
}

/** Where stages begin, by their names; one without iterations begins where the next does, and has no mark of its own. */
export function stageMarkers(stages: readonly StageSummary[], offsets: readonly number[]): { x: number; label: string }[] {
  return stages.flatMap(({ index, name }) => {
    const x = offsets[index] ?? 0;
    return x === offsets[index + 1] ? [] : [{ x, label: name }];
  });
}

/** Where attempts failed, each at the last iteration that it told. */
export function failureMarkers(stages: readonly StageSummary[], offsets: readonly number[]): FailureMarker[] {
  return stages.flatMap(({ index, attempts }) =>
    attempts.flatMap(({ state, iteration }) =>
      state === "failed" && iteration !== null ? [{ x: (offsets[index] ?? 0) + iteration, label: "failed", isFailure: true as const }] : [],
    ),
  );
}

interface FailureMarker {
  x: number;
  label: string;
  isFailure: true;
}

/** Lay curves over one axis, in one pass over all of them; of two points at one place the later one counts. */
export function alignCurves(curves: readonly (readonly Point[])[], offsets: readonly number[]): AlignedCurves {
  const placed = curves.map((points) => inOrder(points, offsets));
  const [first] = placed;
  // Most often all were measured at the same iterations.
  if (first?.isRising === true && placed.every(({ places }) => isSame(places, first.places))) {
    return { x: Array.from(first.places), values: placed.map(({ points }) => points.map(valueOf)) };
  }
  return mergedCurves(placed);
}

/** Curves of different places on the axis of all of them. */
function mergedCurves(placed: readonly PlacedCurve[]): AlignedCurves {
  const next = placed.map(() => 0);
  const x: number[] = [];
  const values: (number | null)[][] = placed.map(() => []);
  for (let place = nextPlace(placed, next); place < Infinity; place = nextPlace(placed, next)) {
    x.push(place);
    placed.forEach(({ places, points }, curve) => {
      let at = next[curve] ?? 0;
      let point: Point | undefined;
      while (places[at] === place) {
        point = points[at];
        at += 1;
      }
      next[curve] = at;
      values[curve]?.push(valueOf(point));
    });
  }
  return { x, values };
}

interface PlacedCurve {
  /** Where each point lies on the axis of the run; never falling. */
  places: Float64Array;
  points: readonly Point[];
  /** Whether no two points share a place. */
  isRising: boolean;
}

// Plain loops: before the browser has come to know it, the same said with `from` and `every` takes ten times as long.
function inOrder(points: readonly Point[], offsets: readonly number[]): PlacedCurve {
  const placeOf = (point: Point) => (offsets[point.stage_index] ?? 0) + point.iteration;
  const places = new Float64Array(points.length);
  let [last, at, isOrdered, isRising] = [-Infinity, 0, true, true];
  for (const point of points) {
    const place = placeOf(point);
    places[at] = place;
    isOrdered &&= place >= last;
    isRising &&= place > last;
    last = place;
    at += 1;
  }
  return isOrdered
    ? { places, points, isRising }
    : { places: places.sort(), points: [...points].sort((one, other) => placeOf(one) - placeOf(other)), isRising: false };
}

function isSame(one: Float64Array, other: Float64Array): boolean {
  let isSoFar = one.length === other.length;
  for (let at = 0; isSoFar && at < one.length; at += 1) {
    isSoFar = one[at] === other[at];
  }
  return isSoFar;
}

function valueOf(point: Point | undefined): number | null {
  return typeof point?.value === "number" ? point.value : null;
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

/** Scores among the curves that are shown when nobody has chosen, and all of these. */
const [DEFAULT_SCORES, DEFAULT_CURVES] = [3, 6];

/** The curves that are shown when nobody has chosen: scores of the headline's kind, then the losses, and without any the first few. */
export function defaultCurves(keys: readonly string[], headline: string | null): string[] {
  const kind = wordsOf(headline ?? "");
  const scores = keys.filter((key) => wordsOf(key).some((word) => kind.includes(word))).slice(0, DEFAULT_SCORES);
  const losses = keys.filter((key) => key.startsWith("loss"));
  const total = losses.filter((key) => key === "loss");
  return [...new Set([...scores, ...total, ...(losses.length > 0 ? losses : keys)])].slice(0, DEFAULT_CURVES);
}

/** The words of a metric's or a curve's name: "val_iou" -> "val", "iou". */
function wordsOf(name: string): string[] {
  return name.toLowerCase().split(/[_/.-]/).filter((word) => word !== "");
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
