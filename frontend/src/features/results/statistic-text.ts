import type { Measure, ScoreDifference, Statistic } from "../../api/types";
import { formatBytes, formatDuration, formatNumber, formatPercent, formatValue, NOTHING } from "../../lib/format";
import { UNDEFINED } from "../../lib/score-text";

export type Unit = Measure["unit"];
type Direction = Measure["direction"];

const MINUS = "−";

/** A value in its unit: a fraction in percent. */
export function valueText(value: number, unit: Unit): string {
  switch (unit) {
    case "fraction":
      return formatPercent(value);
    case "s":
      return formatDuration(value);
    case "bytes":
      return formatBytes(value);
    case "images":
    case "pixels":
    case "clicks":
      return formatNumber(Math.round(value));
    default:
      return formatValue(value);
  }
}

/** Mean and deviation, such as "61.2 ± 0.4"; one run has no deviation. */
export function statisticText(statistic: Statistic | null, unit: Unit): string {
  if (statistic === null) {
    return NOTHING;
  }
  if (statistic.mean === null) {
    return statistic.undefined > 0 ? UNDEFINED : NOTHING;
  }
  const deviation = statistic.std === null ? "" : ` ± ${valueText(statistic.std, unit)}`;
  return valueText(statistic.mean, unit) + deviation;
}

/** Over how many runs a mean is: "n = 3", or "n = 2, undefined in 1 of 3 seeds". Empty for a value of the only run. */
export function countText(statistic: Statistic | null): string {
  if (statistic === null || statistic.of < 2) {
    return "";
  }
  const { n, of, undefined: missing } = statistic;
  const untested = of - n - missing;
  const parts = [
    ...(n > 0 ? [`n = ${n}`] : []),
    ...(missing > 0 ? [`undefined in ${missing} of ${of} seeds`] : []),
    ...(untested > 0 ? [`not tested in ${untested} of ${of} seeds`] : []),
  ];
  return parts.join(", ");
}

/** A difference with its sign: seed by seed where seeds are shared, else of the means. */
export function differenceText(difference: ScoreDifference | null, unit: Unit): string {
  const shown = differenceOf(difference);
  if (difference === null || shown === null) {
    return NOTHING;
  }
  const deviation = difference.mean !== null && difference.std !== null ? ` ± ${valueText(difference.std, unit)}` : "";
  return signed(shown, unit) + deviation;
}

/** The gap to a reference, with its sign. */
export function gapText(gap: number | null, unit: Unit): string {
  return gap === null ? NOTHING : signed(gap, unit);
}

/** What a difference was taken over, in words. */
export function differenceWords(difference: ScoreDifference | null): string {
  if (difference === null) {
    return "not tested in both after this step";
  }
  if (difference.mean !== null) {
    return `mean difference over ${difference.n} shared ${difference.n === 1 ? "seed" : "seeds"}`;
  }
  return difference.of_means === null ? "undefined in one of the two" : "difference of the means: no seed is shared";
}

/** The difference that is shown; null where there is none. */
export function differenceOf(difference: ScoreDifference | null): number | null {
  return difference?.mean ?? difference?.of_means ?? null;
}

/** Whether a difference is for the better, for the worse, or too small to be seen. */
export function verdictOf(difference: number, unit: Unit, direction: Direction): "better" | "worse" | "equal" {
  if (valueText(Math.abs(difference), unit) === valueText(0, unit)) {
    return "equal";
  }
  return difference > 0 === (direction === "max") ? "better" : "worse";
}

/** Places of the best values, by what is shown; none where fewer than two can be ranked. */
export function bestPlaces(statistics: readonly (Statistic | null)[], isRanked: readonly boolean[], { unit, direction }: Pick<Measure, "unit" | "direction">): ReadonlySet<number> {
  const ranked = statistics.flatMap((statistic, place) =>
    isRanked[place] === true && typeof statistic?.mean === "number" ? [{ place, value: statistic.mean }] : [],
  );
  if (ranked.length < 2) {
    return new Set();
  }
  const values = ranked.map(({ value }) => value);
  const best = valueText(direction === "max" ? Math.max(...values) : Math.min(...values), unit);
  const places = ranked.filter(({ value }) => valueText(value, unit) === best).map(({ place }) => place);
  return new Set(places.length === ranked.length ? [] : places);
}

function signed(value: number, unit: Unit): string {
  const size = valueText(Math.abs(value), unit);
  return size === valueText(0, unit) ? `±${size}` : `${value > 0 ? "+" : MINUS}${size}`;
}
