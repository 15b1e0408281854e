import type { ClassLabel, ExperimentDetail, StageSummary } from "../../../api/types";
import { valueAt } from "../../../lib/json-pointer";

/** Classes that a stage learns: known where the stream lists them by step. */
export function stageClasses(experiment: ExperimentDetail | undefined, stage: StageSummary): ClassLabel[] {
  const steps = valueAt(experiment?.resolved, "/stream/steps");
  if (experiment === undefined || !Array.isArray(steps)) {
    return [];
  }
  const ids: unknown = steps[stage.step];
  return experiment.classes.filter((label) => Array.isArray(ids) && ids.includes(label.id));
}
