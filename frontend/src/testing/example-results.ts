import type { ComparedMember, ComparedTable, Comparison, ExperimentResults, Measure, ReferenceRow, ScoreColumn, ScoreTable, SeedCurve, SeedRun, Statistic } from "../api/types";
import { exampleHeadline } from "./example-scores";

const MOMENT = "2026-01-02T03:04:05.000Z";
const DIGESTS = ["a".repeat(64), "b".repeat(64)] as const;

/** A score over three seeds, unless something else is said. */
export function exampleStatistic(mean: number | null, changes: Partial<Statistic> = {}): Statistic {
  return { mean, std: 0.01, n: 3, undefined: 0, of: 3, values: null, ...changes };
}

/** One run of the experiment with this seed. */
export function exampleSeedRun(seed: number, changes: Partial<SeedRun> = {}): SeedRun {
  return {
    run_id: `00000000-0000-7000-8000-00000000000${seed}`,
    experiment_id: "00000000-0000-7000-8000-0000000000e1",
    name: "replay",
    seed,
    state: "succeeded",
    step: 1,
    score: 0.6,
    is_counted: true,
    note: "",
    code_versions: ["1.0"],
    created_at: MOMENT,
    finished_at: MOMENT,
    ...changes,
  };
}

function exampleColumn(key: string, kind: ScoreColumn["kind"], direction: ScoreColumn["direction"] = "max"): ScoreColumn {
  return { key, title: key, kind, direction, class_id: null, colour: null, step_learned: null };
}

/** R of two steps and two groups, with the forgetting that follows from it. */
export function exampleScoreTable(changes: Partial<ScoreTable> = {}): ScoreTable {
  return {
    key: "miou_present/group",
    title: "mIoU",
    metric: "miou_present",
    kind: "group",
    domain: null,
    direction: "max",
    columns: [exampleColumn("step-0", "group"), exampleColumn("step-1", "group"), exampleColumn("forgetting", "derived", "min")],
    steps: [0, 1],
    cells: [
      [exampleStatistic(0.8), null, null],
      [exampleStatistic(0.5), exampleStatistic(0.4, { n: 2, undefined: 1 }), exampleStatistic(0.3)],
    ],
    ...changes,
  };
}

function exampleMeasures(): Measure[] {
  return [
    { key: "score:score", title: "mIoU", meaning: "mean IoU", unit: "fraction", direction: "max", is_main: true },
    { key: "miou_present/group:forgetting", title: "F", meaning: "forgetting: mIoU", unit: "fraction", direction: "min", is_main: true },
    { key: "wall_s", title: "time", meaning: "from start to end", unit: "s", direction: "min", is_main: false },
  ];
}

/** An experiment of three seeds, of which one is undefined for a group. */
export function exampleResults(changes: Partial<ExperimentResults> = {}): ExperimentResults {
  return {
    digest: DIGESTS[0],
    experiment_ids: ["00000000-0000-7000-8000-0000000000e1"],
    name: "replay",
    method: "eir",
    preset: "eir/demo",
    references: [],
    dataset: "objects",
    stream: "6 classes, 2-2-2",
    stream_digest: "c".repeat(64),
    headline: exampleHeadline(),
    split: "val",
    runs: [exampleSeedRun(0), exampleSeedRun(1), exampleSeedRun(2)],
    seeds: [0, 1, 2],
    states: { succeeded: 3 },
    reached: { step: 1, is_final: true },
    measures: exampleMeasures(),
    summary_seeds: [0, 1, 2],
    summary: [exampleStatistic(0.612), exampleStatistic(0.3, { n: 2, undefined: 1 }), exampleStatistic(90, { std: 5 })],
    tables: [exampleScoreTable()],
    warnings: [],
    ...changes,
  };
}

/** One of the two experiments of a comparison. */
export function exampleMember(place: 0 | 1, changes: Partial<ComparedMember> = {}): ComparedMember {
  const name = ["replay", "fine-tuning"][place] ?? "";
  return {
    kind: "experiment",
    key: DIGESTS[place],
    label: name,
    name,
    digest: DIGESTS[place],
    experiment_id: `00000000-0000-7000-8000-0000000000e${place}`,
    method: ["eir", "finetune"][place] ?? "",
    preset: null,
    runs: [exampleSeedRun(0), exampleSeedRun(1), exampleSeedRun(2)],
    seeds: [0, 1, 2],
    reached: { step: 1, is_final: true },
    warnings: [],
    ...changes,
  };
}

/** Replay and fine-tuning, with the second less the first where there is a base line. */
export function exampleComparison(baseline: number | null = null): Comparison {
  const { cells, ...head } = exampleScoreTable();
  const less = { of_means: -0.2, mean: -0.21, std: 0.02, n: 2 };
  const table: ComparedTable = { ...head, cells: [cells, cells], differences: baseline === null ? null : [noDifferences(), [[less, null, null], [less, null, null]]] };
  return {
    stream_digest: "c".repeat(64),
    references: [],
    dataset: "objects",
    stream: "6 classes, 2-2-2",
    split: "val",
    members: [exampleMember(0), exampleMember(1)],
    baseline,
    settings: [{ pointer: "/config/memory/size", change: "removed", is_set: [true, false], values: [60, null] }],
    facts: [
      { section: "code", name: "code version", values: ["1.0", "1.1"], is_equal: false },
      { section: "packages", name: "torch", values: ["2.9", "2.9"], is_equal: true },
    ],
    measures: exampleMeasures(),
    summary: [exampleResults().summary, [exampleStatistic(0.41), exampleStatistic(0.5), exampleStatistic(60, { std: 2 })]],
    differences: baseline === null ? null : [[null, null, null], [less, null, less]],
    tables: [table],
    warnings: [],
  };
}

/** Joint training as the bound of the stream, with the gaps of as many members to it. */
export function exampleReference(members: number): ReferenceRow {
  return {
    role: "joint",
    stream_digest: "c".repeat(64),
    digest: "d".repeat(64),
    name: "all at once",
    method: "joint",
    author: "ada",
    created_at: MOMENT,
    reached: { step: 0, is_final: true },
    seeds: [0],
    summary: [exampleStatistic(0.7, { std: null, n: 1, of: 1 }), null, null],
    gaps: Array.from({ length: members }, () => [-0.088, null, null]),
  };
}

/** A curve of two points over the seeds 0 and 1. */
export function exampleCurve(label: string): SeedCurve {
  return {
    label,
    run_ids: ["run-0", "run-1"],
    seeds: [0, 1],
    count: 2,
    downsampled: false,
    stage_index: [0, 0],
    iteration: [10, 20],
    mean: [0.5, 0.4],
    std: [0.1, 0.1],
    n: [2, 2],
    not_finite: [0, 0],
    values: null,
  };
}

function noDifferences(): null[][] {
  return [
    [null, null, null],
    [null, null, null],
  ];
}
