import type { ExperimentDetail, ExperimentVerdict, StreamPreview } from "../../api/types";
import { valueAt } from "../../lib/json-pointer";
import { exampleScoring } from "../../testing/example-scores";
import { exampleRunDetail } from "../../testing/examples";
import { FakeProblem, FakeServer } from "../../testing/fake-server";

export const DOCUMENT = {
  method: "eir",
  preset: "eir/demo",
  dataset: { world: "objects" },
  stream: { steps: [[1], [2]] },
  config: { lr: 0.01 },
};
export const SCHEMA = {
  type: "object",
  $defs: {
    Folder: {
      title: "FolderDatasetSpec",
      type: "object",
      properties: { adapter: { type: "string" }, root: { type: "string", description: "Folder." }, eval_split: { type: "string", default: "val", "x-offers": "splits" } },
      required: ["adapter", "root"],
    },
    World: {
      title: "WorldDatasetSpec",
      type: "object",
      properties: { world: { const: "objects" }, classes: { type: "integer", default: 6 } },
      required: ["world"],
    },
  },
  properties: {
    dataset: { anyOf: [{ $ref: "#/$defs/Folder" }, { $ref: "#/$defs/World" }], description: "Where images come from." },
    stream: {
      type: "object",
      description: "Which classes arrive when.",
      properties: {
        setting: { type: "string", enum: ["overlap", "disjoint"], default: "overlap", description: "Images of a step." },
        schedule: { type: "string" },
        steps: { type: "array", description: "Class ids." },
      },
    },
    config: {
      type: "object",
      properties: { lr: { type: "number", exclusiveMinimum: 0, default: 0.001, description: "Learning rate." } },
    },
  },
};
export const VERDICT: ExperimentVerdict = {
  method: "eir",
  preset: "eir/demo",
  preset_version: 1,
  document: DOCUMENT,
  resolved: DOCUMENT,
  digest: "d".repeat(64),
  deviations: [{ pointer: "/lr", published: 0.001, value: 0.01 }],
  plan: [0, 1].map((index) => ({
    index,
    name: "train",
    kind: "train",
    step: index,
    noun: "step",
    inputs: {},
    queue: "default",
    total_iterations: 400,
    images: 50 + index,
  })),
  labels_per_step: [],
  classes_per_step: [[1], [2]],
  classes: [
    { id: 1, name: "ball", colour: "#800000" },
    { id: 2, name: "crate", colour: "#008000" },
  ],
  is_valid: true,
  is_scanned: true,
  warnings: [],
  duplicates: [],
};
export const PREVIEW: StreamPreview = {
  classes: [
    { id: 1, name: "ball", colour: "#800000", images: 30 },
    { id: 2, name: "crate", colour: "#008000", images: 20 },
    { id: 3, name: "tent", colour: "#808000", images: 10 },
  ],
  train_images: 60,
  is_scanned: true,
  steps: [
    { title: "step 0", classes: [1], domain: null, images: 30, images_shared: 0, images_per_class: [30] },
    { title: "step 1", classes: [2], domain: null, images: 20, images_shared: 5, images_per_class: [20] },
  ],
  images_unused: 10,
  faults: [],
};
/** A refusal with one fault for each message, by its place in the request. */
export function refusal(messages: Record<string, string>, code = "wrong"): FakeProblem {
  const errors = Object.entries(messages).map(([pointer, message]) => ({ source: "body" as const, pointer, message, code }));
  return new FakeProblem({ status: 422, title: "The request is not valid", errors });
}
const TOO_SMALL = refusal({ "/document/config/lr": "should be greater than 0; found -1" });

const VOC = { path: "/data/voc", adapter: "voc", num_classes: 20, splits: [], split_names: ["train_aug", "test_dusk"] };

const METHOD = {
  name: "eir",
  title: "EIR",
  summary: "Replay.",
  publication: "CVPR",
  stream: "class_incremental",
  presets: ["eir/demo"],
  scoring: exampleScoring(),
};
export const PRESET = {
  name: "eir/demo",
  title: "Demo",
  description: "Small.",
  version: 1,
  document: DOCUMENT,
  resolved: DOCUMENT,
  deviations: [],
  plan: [],
};

/** A service with one method, one preset, a world, and folders of two layouts. */
export function serve(): FakeServer {
  return new FakeServer()
    .get("/api/v1/methods", () => ({ items: [METHOD], next_cursor: null }))
    .get("/api/v1/methods/{method}/schema", () => SCHEMA)
    .get("/api/v1/methods/{method}/presets/{preset}", () => PRESET)
    .get("/api/v1/datasets", () => ({ items: [], next_cursor: null }))
    .get("/api/v1/dataset-kinds", () => ({
      items: [{ name: "objects", kind: "world", title: "Shapes", options: {} }],
      next_cursor: null,
    }))
    .get("/api/v1/dataset-roots", () => ({
      items: [{ path: "/data", exists: true, folders: [VOC, { ...VOC, path: "/data/camvid", adapter: "folder" }] }],
      next_cursor: null,
    }))
    .get("/api/v1/schedules", () => ({ items: [{ name: "voc/2-1", steps: [[1, 2], [3]] }], next_cursor: null }))
    .get("/api/v1/runs", () => ({ items: [], next_cursor: null, as_of: "" }))
    .post("/api/v1/stream-preview", () => PREVIEW)
    .post("/api/v1/experiments", ({ url, body }) => {
      const lr = valueAt(body, "/document/config/lr");
      const stored = exampleExperiment(DOCUMENT);
      return typeof lr === "number" && lr <= 0 ? TOO_SMALL : url.searchParams.get("dry_run") === "true" ? VERDICT : stored;
    })
    .post("/api/v1/experiments/{experiment_id}/runs", () => ({ items: [exampleRunDetail({ id: "r1" })] }));
}

/** The same service with a second method, dkd, whose documents begin with this one and have this schema. */
export function serveTwoMethods(document: Record<string, unknown>, schema: Record<string, unknown>): FakeServer {
  const method = { ...METHOD, name: "dkd", title: "DKD", summary: "Distillation.", publication: "ECCV", presets: ["dkd/small"] };
  const preset = { ...PRESET, name: "dkd/small", description: "Of the other method.", document, resolved: document };
  return serve()
    .get("/api/v1/methods", () => ({ items: [METHOD, method], next_cursor: null }))
    .get("/api/v1/methods/{method}/schema", ({ parts }) => (parts[0] === "dkd" ? schema : SCHEMA))
    .get("/api/v1/methods/{method}/presets/{preset}", ({ parts }) => (parts[0] === "dkd" ? preset : PRESET))
    .post("/api/v1/experiments", ({ body }) =>
      valueAt(body, "/document/method") === "dkd" ? { ...VERDICT, method: "dkd", preset: "dkd/small", document, resolved: document } : VERDICT,
    );
}

/** A stored experiment with this document. */
export function exampleExperiment(document: ExperimentDetail["document"]): ExperimentDetail {
  const said = { id: "e1", name: "Demo", tags: [], notes: "", cloned_from: null, revision: 1, created_at: "" };
  return { ...VERDICT, ...said, document, resolved: document };
}
