import type { HeadlineScore, MeanScore, MethodScoring, ScoreMatrix, StepTable } from "../api/types";

/** The headline of the class-incremental methods. */
export function exampleHeadline(changes: Partial<HeadlineScore> = {}): HeadlineScore {
  return {
    metric: "miou_present",
    group: "all",
    title: "mIoU",
    meaning: "mIoU, mean over the classes that the test images show",
    direction: "max",
    ...changes,
  };
}

/** What a method is judged by. */
export function exampleScoring(headline: Partial<HeadlineScore> = {}): MethodScoring {
  return { headline: exampleHeadline(headline), tables: [], lower_is_better: [] };
}

/** R of two steps with a class each. */
export function exampleMatrix(changes: Partial<ScoreMatrix> = {}): ScoreMatrix {
  return {
    metric: "miou_present",
    by: "group",
    title: "mIoU, mean over the classes that the test images show",
    direction: "max",
    columns: [
      { key: "step-0", step_learned: 0, class_ids: [1] },
      { key: "step-1", step_learned: 1, class_ids: [2] },
    ],
    rows: [
      {
        step: 0,
        values: [0.8, null],
        is_undefined: [false, false],
        change: [null, null],
        average: 0.8,
        forgetting: null,
        backward_transfer: null,
        plasticity: 0.8,
      },
      {
        step: 1,
        values: [0.5, 0.4],
        is_undefined: [false, false],
        change: [-0.3, null],
        average: 0.45,
        forgetting: 0.3,
        backward_transfer: -0.3,
        plasticity: 0.4,
      },
    ],
    ...changes,
  };
}

/** Means of two steps, in the first of which nothing is old or new. */
function exampleMeans(metric: string, title: string): MeanScore[] {
  const shared = { metric, title, direction: "max" as const, is_undefined: [false, false] };
  return [
    { ...shared, group: "all", values: [0.85, 0.6] },
    { ...shared, group: "old", values: [null, 0.7] },
    { ...shared, group: "new", values: [null, 0.4] },
    { ...shared, group: "harmonic", values: [null, 0.509] },
  ];
}

/** Two steps over background, ball (forgotten by 30 points) and crate (new in step 1). */
export function exampleStepTable(): StepTable {
  const shared = { stage_id: "stage-0", evaluation_id: "evaluation" };
  return {
    run_id: "00000000-0000-7000-8000-000000000001",
    split: "val",
    domain: null,
    domains: [],
    headline: exampleHeadline(),
    class_metric: "iou",
    test_rule: "tested on whole images in one pass (mode whole); a pixel gets the best class",
    average_miou: 0.7,
    means: [
      ...exampleMeans("miou_present", "mIoU, mean over the classes that the test images show"),
      ...exampleMeans("miou", "mIoU as published"),
    ],
    matrices: [exampleMatrix()],
    classes: [
      { id: -1, name: "background", colour: "#000000", step_learned: null },
      { id: 1, name: "ball", colour: "#800000", step_learned: 0 },
      { id: 2, name: "crate", colour: "#008000", step_learned: 1 },
    ],
    steps: [
      {
        ...shared,
        step: 0,
        score: 0.85,
        false_share: [null, null, null],
        is_undefined: [false, false, false],
        miou_all: 0.85,
        miou_old: null,
        miou_new: null,
        miou_harmonic: null,
        forgetting: null,
        group_miou: [0.8, null],
        average: 0.8,
        group_forgetting: null,
        backward_transfer: null,
        plasticity: 0.8,
        iou: [0.9, 0.8, null],
        drop: [null, null, null],
      },
      {
        ...shared,
        step: 1,
        score: 0.6,
        false_share: [null, null, null],
        is_undefined: [false, false, false],
        miou_all: 0.6,
        miou_old: 0.7,
        miou_new: 0.4,
        miou_harmonic: 0.509,
        forgetting: 0.3,
        group_miou: [0.5, 0.4],
        average: 0.45,
        group_forgetting: 0.3,
        backward_transfer: -0.3,
        plasticity: 0.4,
        iou: [0.9, 0.5, 0.4],
        drop: [0, 0.3, null],
      },
    ],
  };
}
