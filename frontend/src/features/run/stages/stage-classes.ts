import type { ClassLabel, ExperimentDetail, StageSummary } from "../../../api/types";

/** Classes that a stage learns: none where all are known from the beginning. */
export function stageClasses(experiment: ExperimentDetail | undefined, stage: StageSummary): ClassLabel[] {
  const ids = experiment?.classes_per_step[stage.step] ?? [];
  return experiment?.classes.filter((label) => ids.includes(label.id)) ?? [];
}
