import { useMemo } from "react";

import type { StepTable } from "../../../api/types";
import { LineChart } from "../../../components/line-chart";
import type { Curve } from "../../../components/line-chart-options";
import { Panel } from "../../../components/panel";
import { curveColour } from "../../../lib/palette";

/** mIoU of all, old and new classes over the steps. */
export function ScoreCurves({ table, steps: planned }: { table: StepTable; steps: number }) {
  const { steps, curves } = useMemo(() => curvesOf(table), [table]);
  const xRange = useMemo(() => [0, Math.max(1, planned - 1)] as const, [planned]);
  return (
    <Panel title="Old, new and all classes" hint="mIoU in percent over the steps">
      <LineChart
        xRange={xRange}
        yRange={PERCENT}
        label="mIoU of all, old and new classes over the steps"
        x={steps}
        curves={curves}
        xLabel="step"
        height={260}
      />
    </Panel>
  );
}

const PERCENT = [0, 100] as const;

function curvesOf(table: StepTable): { steps: number[]; curves: Curve[] } {
  const percent = (value: number | null) => (value === null ? null : value * 100);
  return {
    steps: table.steps.map((row) => row.step),
    curves: [
      { label: "all", colour: curveColour(0), values: table.steps.map((row) => percent(row.miou_all)), hasPoints: true },
      {
        label: "old",
        colour: curveColour(4),
        values: table.steps.map((row) => percent(row.miou_old)),
        dash: [8, 4],
        hasPoints: true,
      },
      {
        label: "new",
        colour: curveColour(2),
        values: table.steps.map((row) => percent(row.miou_new)),
        dash: [2, 4],
        hasPoints: true,
      },
    ],
  };
}
