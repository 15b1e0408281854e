import type { StepTable } from "../../../api/types";
import type { Curve } from "../../../components/line-chart-options";
import { curveColour } from "../../../lib/palette";

const LOOKS: Record<string, Pick<Curve, "colour" | "dash">> = {
  all: { colour: curveColour(0) },
  old: { colour: curveColour(4), dash: [8, 4] },
  new: { colour: curveColour(2), dash: [2, 4] },
};
const DASHES = [[], [8, 4], [2, 4], [8, 3, 2, 3]];

const percent = (value: number | null) => (value === null ? null : value * 100);

/** The headline over the old, the new and all classes; an undefined score is a gap. */
export function groupCurves(table: StepTable): Curve[] {
  const drawn = table.means.filter(({ metric, group }) => metric === table.headline.metric && group in LOOKS);
  return drawn.map(({ group, values }) => ({
    label: group,
    colour: curveColour(0),
    ...LOOKS[group],
    values: values.map(percent),
    hasPoints: true,
  }));
}

/** The headline of every domain; none where only one was tested. */
export function domainCurves(table: StepTable): Curve[] {
  const matrix = table.matrices.find(({ by, metric }) => by === "domain" && metric === table.headline.metric);
  if (matrix === undefined || matrix.columns.length < 2) {
    return [];
  }
  return matrix.columns.map(({ key }, place) => ({
    label: key,
    colour: curveColour(place),
    dash: DASHES[place % DASHES.length] ?? [],
    values: matrix.rows.map((row) => percent(row.values[place] ?? null)),
    hasPoints: true,
  }));
}
