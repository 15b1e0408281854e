import type { AnnotationDetail, QueryDetail, QuerySummary, QueryBatch, Round, Rounds, WaitingRound } from "../api/types";
import { exampleHeadline } from "./example-scores";

const MOMENT = "2026-01-02T03:04:05.000Z";
const NO_COST = { images: 0, pixels: 0, clicks: 0, seconds: 0 };

/** With what a page of queries says how they may be answered. */
export const ANSWERABLE = { closes_at: null, classes: [{ id: 0, name: "road", colour: "#804080" }], ignore_id: 255 };

/** Queries of a round: two open, one answered. */
export const COUNTS = { open: 2, leased: 0, submitted: 0, in_review: 0, accepted: 1, rejected: 0, skipped: 0, withdrawn: 0 };

/** What a round that waits for people asks. */
export function exampleBatch(changes: Partial<QueryBatch> = {}): QueryBatch {
  return {
    select_stage_id: "stage-1",
    label_stage_id: "stage-2",
    state: "waiting_annotation",
    by_people: true,
    closes_by_hand: false,
    share: 1,
    deadline: null,
    closes_at: null,
    acquisition: "stal",
    parameters: { name: "stal", stratify: true },
    unit: "images",
    budget: 3,
    seed: "7",
    model_sha256: "a".repeat(64),
    pool_size: 10,
    pool_digest: "b".repeat(64),
    cover_radius: null,
    histogram: [4, 0, 6],
    histogram_range: [0.1, 0.4],
    classes: [
      { id: 0, name: "road", colour: "#804080", pool: 0.6, queried: 0.5, answered: 0.4 },
      { id: 7, name: "sign", colour: "#dcdc00", pool: 0.1, queried: 0.3, answered: 0.2 },
    ],
    counts: COUNTS,
    queried: { images: 3, pixels: 300, clicks: 3, seconds: 0 },
    answered: { images: 1, pixels: 90, clicks: 5, seconds: 75 },
    sources: { person: 30, model: 60, assisted: 0 },
    overlap_images: 0,
    agreement: 0.8,
    gain: null,
    labels_sha256: null,
    changed_since: 0,
    ...changes,
  };
}

/** One training. */
export function exampleRound(index: number, changes: Partial<Round> = {}): Round {
  return {
    index,
    train_stage_id: `stage-${3 * index}`,
    train_state: "succeeded",
    score: 0.5,
    score_student: 0.45,
    labelled: NO_COST,
    batch: null,
    ...changes,
  };
}

/** Two trainings, of which the first has queries and the second waits for the answers. */
export function exampleRounds(batch: Partial<QueryBatch> = {}): Rounds {
  const second = exampleRound(1, { train_state: "pending", score: null, score_student: null });
  const first = exampleRound(0, { batch: exampleBatch(batch) });
  return { run_id: "run-1", headline: exampleHeadline(), initial_images: 4, rounds: [first, second] };
}

/** One query, open. */
export function exampleQuery(rank: number, changes: Partial<QuerySummary> = {}): QuerySummary {
  const address = `/api/v1/queries/query-${rank}`;
  return {
    id: `query-${rank}`,
    run_id: "run-1",
    stage_id: "stage-2",
    state: "open",
    rank,
    image: `city_${rank}`,
    unit: "image",
    value: 0.4 - rank / 10,
    group: "city",
    width: 20,
    height: 10,
    pixels: 200,
    clicks: 1,
    main_class: 7,
    author: null,
    lease_until: null,
    message: null,
    version: 0,
    answers_wanted: 1,
    answers: 0,
    revision: 1,
    picture_url: `${address}/picture`,
    region_url: null,
    proposal_url: `${address}/proposal`,
    uncertainty_url: `${address}/uncertainty`,
    superpixels_url: null,
    answer_url: null,
    ...changes,
  };
}

/** One version of an answer. */
export function exampleAnswer(version: number, changes: Partial<AnnotationDetail> = {}): AnnotationDetail {
  return {
    id: `answer-${version}`,
    query_id: "query-0",
    version,
    author: "ann",
    source: "person",
    mask_sha256: "c".repeat(64),
    pixels: 180,
    class_pixels: { 0: 100, 7: 80 },
    agreement: 0.9,
    clicks: 12,
    seconds: 75,
    parents: [],
    sources: null,
    sources_url: null,
    regions: [],
    is_late: false,
    created_at: MOMENT,
    mask_url: `/api/v1/annotations/answer-${version}/mask`,
    ...changes,
  };
}

/** One query with everything about it. */
export function exampleQueryDetail(rank: number, changes: Partial<QueryDetail> = {}): QueryDetail {
  return {
    ...exampleQuery(rank),
    classes: [
      { id: 0, name: "road", colour: "#804080" },
      { id: 7, name: "sign", colour: "#dcdc00" },
    ],
    ignore_id: 255,
    is_frozen: false,
    assignments: [],
    drafts: [],
    annotations: [],
    history: [],
    ...changes,
  };
}

/** A round in the queue. */
export function exampleWaitingRound(changes: Partial<WaitingRound> = {}): WaitingRound {
  return {
    stage_id: "stage-2",
    run_id: "run-1",
    experiment_id: "experiment-1",
    experiment_name: "two cities",
    method: "stal",
    round: 0,
    acquisition: "stal",
    unit: "images",
    budget: 3,
    counts: COUNTS,
    labels_per_hour: 12,
    waiting_since: MOMENT,
    deadline: null,
    ...changes,
  };
}
