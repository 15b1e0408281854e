import type { SeedCurve } from "../../../api/types";
import type { Curve, Marker } from "../../../components/line-chart-options";
import { curveColour } from "../../../lib/palette";

/** What a chart of one curve of several members draws. */
export interface SeedChart {
  x: number[];
  curves: Curve[];
  markers: Marker[];
  /** Values that are NaN or infinite, and so in no mean. */
  notFinite: number;
}

/** Curves of one colour, of members that are eight apart, are told apart by their dashes. */
const DASHES = [[], [8, 4], [2, 3]];
const COLOURS = 8;

/** Where each stage begins on the axis of whole runs: behind the last iteration that any curve has in the stage before. */
export function seedOffsets(curves: readonly SeedCurve[]): number[] {
  const last: (number | undefined)[] = [];
  for (const { stage_index, iteration } of curves) {
    stage_index.forEach((stage, at) => {
      last[stage] = Math.max(last[stage] ?? 0, iteration[at] ?? 0);
    });
  }
  const offsets: number[] = [];
  let next = 0;
  for (const length of last) {
    offsets.push(next);
    next += length ?? 0;
  }
  return offsets;
}

/** Lay the curves of all members over one axis: a mean with its band, and where the values came too, a thin line a seed. */
export function seedChart(members: readonly SeedCurve[], offsets: readonly number[], isLogarithmic: boolean): SeedChart {
  const places = members.map(({ stage_index, iteration }) => iteration.map((at, point) => (offsets[stage_index[point] ?? 0] ?? 0) + at));
  const x = [...new Set(places.flat())].sort((one, other) => one - other);
  const index = new Map(x.map((place, at) => [place, at]));
  const spread = (column: readonly (number | null)[], member: number) => {
    const values: (number | null)[] = Array.from<null>({ length: x.length }).fill(null);
    places[member]?.forEach((place, point) => {
      const value = column[point] ?? null;
      values[index.get(place) ?? 0] = isLogarithmic && value !== null && value <= 0 ? null : value;
    });
    return values;
  };
  const curves = members.flatMap((curve, member) => curvesOf(curve, member, (column) => spread(column, member)));
  const broken = members.flatMap((curve, member) => firstNotFinite(curve, places[member] ?? []));
  return { x, curves, markers: broken, notFinite: members.reduce((sum, { not_finite }) => sum + not_finite.reduce((one, other) => one + other, 0), 0) };
}

/** Where stages begin, by their numbers. */
export function stageMarks(offsets: readonly number[]): Marker[] {
  return offsets.flatMap((x, stage) => (x === offsets[stage + 1] ? [] : [{ x, label: `stage ${stage}` }]));
}

function curvesOf(curve: SeedCurve, member: number, spread: (column: readonly (number | null)[]) => (number | null)[]): Curve[] {
  const look = { colour: curveColour(member), dash: DASHES[Math.floor(member / COLOURS) % DASHES.length] ?? [] };
  const mean: Curve = { ...look, label: curve.label, values: spread(curve.mean) };
  if (curve.run_ids.length < 2) {
    return [mean];
  }
  const seeds = (curve.values ?? []).map((values, run): Curve => ({ ...look, label: `${curve.label}, seed ${curve.seeds[run] ?? run}`, values: spread(values), isThin: true }));
  return [{ ...mean, deviations: spread(curve.std) }, ...seeds];
}

function firstNotFinite({ label, not_finite }: SeedCurve, places: readonly number[]): Marker[] {
  const at = not_finite.findIndex((count) => count > 0);
  const x = places[at];
  return x === undefined ? [] : [{ x, label: `${label}: not finite`, isFailure: true }];
}
