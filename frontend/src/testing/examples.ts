import type {
  AttemptSummary,
  FeedEvent,
  PanelObject,
  PredictedImage,
  PredictionPage,
  RunDetail,
  RunSummary,
  StageSummary,
  StepPrediction,
} from "../api/types";

const MOMENT = "2026-01-02T03:04:05.000Z";

/** A run in the list. */
export function exampleRun(changes: Partial<RunSummary> = {}): RunSummary {
  return {
    id: "00000000-0000-7000-8000-000000000001",
    experiment_id: "00000000-0000-7000-8000-0000000000e1",
    experiment_name: "three steps",
    method: "eir",
    preset: "eir/demo",
    dataset: "objects",
    stream: "6 classes, 2-2-2",
    tags: [],
    seed: 0,
    state: "running",
    is_pausing: false,
    reason: null,
    message: null,
    progress: { stages: 2, stages_done: 0, fraction: 0, iterations: 0, total_iterations: 800, current: null },
    priority: 0,
    queue: null,
    seconds_left: null,
    score: null,
    score_step: null,
    best_score: null,
    score_name: "mIoU",
    is_archived: false,
    revision: 1,
    created_at: MOMENT,
    started_at: MOMENT,
    finished_at: null,
    ...changes,
  };
}

/** One attempt of a stage. */
export function exampleAttempt(changes: Partial<AttemptSummary> = {}): AttemptSummary {
  return {
    id: "attempt-1",
    number: 1,
    series: 1,
    state: "running",
    reason: null,
    message: null,
    worker_id: "worker-1",
    device: "cpu",
    code_version: null,
    parameters: null,
    resumed_iteration: null,
    phase: null,
    iteration: null,
    total_iterations: null,
    images_per_second: null,
    seconds_left: null,
    deviations: [],
    started_at: MOMENT,
    finished_at: null,
    ...changes,
  };
}

/** One stage of a run. */
export function exampleStage(index: number, changes: Partial<StageSummary> = {}): StageSummary {
  return {
    id: `stage-${index}`,
    run_id: "00000000-0000-7000-8000-000000000001",
    index,
    name: "train",
    kind: "train",
    step: index,
    noun: "step",
    state: "pending",
    reason: null,
    message: null,
    images: null,
    total_iterations: 400,
    fraction: 0,
    queued_at: null,
    not_before: null,
    started_at: null,
    finished_at: null,
    shared: null,
    seeds: {},
    attempts: [],
    ...changes,
  };
}

/** A run with two stages, of which the first is running. */
export function exampleRunDetail(changes: Partial<RunDetail> = {}): RunDetail {
  const stages = [exampleStage(0, { state: "running", attempts: [exampleAttempt()] }), exampleStage(1)];
  return {
    ...exampleRun(),
    digest: "d".repeat(64),
    preset_version: 1,
    deviations: [],
    times: { waited: 0, computed: 0, labelling: 0 },
    stages,
    branched_from: null,
    imported_from: null,
    branches: [],
    event_seq: 10,
    ...changes,
  };
}

/** An event of the feed. */
export function exampleEvent(seq: number, type: FeedEvent["type"], payload: Record<string, unknown> = {}): FeedEvent {
  return { seq, type, payload, at: MOMENT } as unknown as FeedEvent;
}

/** A panel image that shows these classes; the ball has faded from step 0 to step 1. */
export function exampleImage(rank: number, classes: number[]): PredictedImage {
  const step = (number: number, accuracy: number, iou: number): StepPrediction => ({
    step: number,
    stage_id: `stage-${number}`,
    prediction: `/api/v1/predictions/${10 * number + rank}/prediction`,
    pixel_accuracy: accuracy,
    iou: classes.includes(1) ? { 1: iou } : {},
  });
  return {
    kind: "dense",
    rank,
    source: `image-${rank}`,
    width: 96,
    height: 96,
    classes,
    background_id: 0,
    ignore_id: 255,
    picture: `/api/v1/predictions/${rank}/image`,
    labels: `/api/v1/predictions/${rank}/labels`,
    steps: [step(0, 0.9, 0.8), step(1, 0.6, 0.2)],
  };
}

/** A ball that fills an image of 4 x 2 pixels but for its last column. */
export function exampleObject(changes: Partial<PanelObject> = {}): PanelObject {
  const mask = { size: [2, 4], counts: "062" } satisfies PanelObject["mask"];
  return { class_id: 1, is_unknown: false, is_crowd: false, score: 0.9, box: [0, 0, 3, 2], mask, ...changes };
}

/** Two images: of the ball, and of the crate that step 1 teaches; nobody teaches the tent. */
export function examplePredictions(): PredictionPage {
  return {
    items: [exampleImage(0, [1]), exampleImage(1, [2])],
    next_cursor: null,
    domain: null,
    domains: [],
    classes: [
      { id: 1, name: "ball", colour: "#800000", step_learned: 0 },
      { id: 2, name: "crate", colour: "#008000", step_learned: 1 },
      { id: 3, name: "tent", colour: "#808000", step_learned: null },
    ],
  };
}
