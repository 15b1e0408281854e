import { useMemo } from "react";

import type { StepTable } from "../../../api/types";
import { LineChart } from "../../../components/line-chart";
import type { Curve } from "../../../components/line-chart-options";
import { Panel } from "../../../components/panel";
import { useStepWord } from "../step-word";
import { domainCurves, groupCurves } from "./curves-of-scores";

interface ScoreCurvesProps {
  table: StepTable;
  /** How many steps are planned. */
  steps: number;
}

/** The headline score over the steps: of all, old and new classes, and of every domain. */
export function ScoreCurves({ table, steps }: ScoreCurvesProps) {
  const groups = useMemo(() => groupCurves(table), [table]);
  const domains = useMemo(() => domainCurves(table), [table]);
  const title = table.headline.title;
  return (
    <>
      {groups.length > 1 && (
        <CurvesOver table={table} steps={steps} curves={groups} title="Old, new and all classes" label={`${title} of all, old and new classes`} />
      )}
      {domains.length > 0 && (
        <CurvesOver table={table} steps={steps} curves={domains} title="Domains" label={`${title} of each domain`} />
      )}
    </>
  );
}

const PERCENT = [0, 100] as const;

function CurvesOver({ table, steps: planned, curves, title, label }: ScoreCurvesProps & { curves: Curve[]; title: string; label: string }) {
  const word = useStepWord();
  const { meaning, direction } = table.headline;
  const x = useMemo(() => table.steps.map((row) => row.step), [table]);
  const xRange = useMemo(() => [0, Math.max(1, planned - 1)] as const, [planned]);
  const best = direction === "min" ? "the lower the better" : "the higher the better";
  return (
    <Panel title={title} hint={`${meaning}, in percent over the ${word}s; ${best}`}>
      <LineChart xRange={xRange} yRange={PERCENT} label={`${label} over the ${word}s`} x={x} curves={curves} xLabel={word} height={260} />
    </Panel>
  );
}
