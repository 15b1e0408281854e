import type { ClassLabel, ExperimentDetail, StageSummary } from "../../../api/types";
import { valueAt } from "../../../lib/json-pointer";

/** Classes that a stage learns: known where the plan has one stage for each step of the stream. */
export function stageClasses(experiment: ExperimentDetail | undefined, stage: StageSummary, stages: number): ClassLabel[] {
  const steps = valueAt(experiment?.resolved, "/stream/steps");
  if (experiment === undefined || !Array.isArray(steps) || steps.length !== stages) {
    return [];
  }
  const ids: unknown = steps[stage.index];
  return experiment.classes.filter((label) => Array.isArray(ids) && ids.includes(label.id));
}
