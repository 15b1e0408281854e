import type { ScoreColumn, ScoreDifference, Statistic } from "../../api/types";
import { heatBackground } from "../../lib/palette";
import { UNDEFINED_WHY } from "../../lib/score-text";
import { countText, differenceOf, differenceText, differenceWords, statisticText, type Unit, verdictOf } from "./statistic-text";

/** A difference of so many points has the full shade. */
const FULL_SHADE = 0.25;

/** How one cell of a heat table looks. */
export interface CellFace {
  text: string;
  title: string;
  /** Small print below the value. */
  note: string;
  /** Null for a cell without a shade. */
  background: string | null;
  isDim: boolean;
}

/** A score over seeds. */
export function valueFace(statistic: Statistic | null, unit: Unit, column: ScoreColumn): CellFace {
  const text = statisticText(statistic, unit);
  if (statistic === null) {
    return { text: "·", title: "not tested after this step", note: "", background: null, isDim: true };
  }
  if (statistic.mean === null) {
    return { text, title: statistic.undefined > 0 ? UNDEFINED_WHY : "", note: "", background: null, isDim: true };
  }
  const isShaded = unit === "fraction" && column.kind !== "derived";
  const share = column.direction === "min" ? 1 - statistic.mean : statistic.mean;
  const isPartial = statistic.n < statistic.of;
  return {
    text,
    title: countText(statistic),
    note: isPartial ? countText(statistic) : "",
    background: isShaded ? heatBackground(share, "value") : null,
    isDim: false,
  };
}

/** A difference to the base line: green for the better, red for the worse, and its sign as text. */
export function differenceFace(difference: ScoreDifference | null, unit: Unit, column: ScoreColumn): CellFace {
  const shown = differenceOf(difference);
  const title = differenceWords(difference);
  if (shown === null) {
    return { text: difference === null ? "·" : "undefined", title, note: "", background: null, isDim: true };
  }
  const verdict = verdictOf(shown, unit, column.direction);
  const scale = verdict === "better" ? "value" : "loss";
  const isShaded = unit === "fraction" && verdict !== "equal";
  return {
    text: differenceText(difference, unit),
    title,
    note: difference?.mean === null ? "of the means" : "",
    background: isShaded ? heatBackground(Math.abs(shown) / FULL_SHADE, scale) : null,
    isDim: verdict === "equal",
  };
}
