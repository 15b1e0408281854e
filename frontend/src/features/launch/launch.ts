import { api, unwrap } from "../../api/client";
import { newTransitionId } from "../../api/transition-id";
import { PAGE_SIZE } from "../../api/queries";
import type { ExperimentCreate, RunBranch } from "../../api/types";
import type { JsonDocument } from "./draft";
import type { BranchStart } from "./use-launch-draft";

/** What is to be started. */
export interface Launch {
  document: JsonDocument;
  name: string;
  tags: readonly string[];
  notes: string;
  seeds: readonly number[];
  /** The experiment that the document is a copy of; null where it is none. */
  clonedFrom: string | null;
  /** The run whose first steps are shared; undefined for runs of their own. */
  branch?: BranchStart | undefined;
}

/** A run that was started. */
export interface Started {
  id: string;
  experimentId: string;
}

/** Experiments that earlier tries of this page stored, or keys of branches, by their content: a second try must not make them again. */
export type StoredExperiments = Map<string, string>;

/** Store the experiment, then start one run for each seed; what an interrupted try did already is not done again. */
export async function launch(wanted: Launch, stored: StoredExperiments): Promise<Started[]> {
  const { document, tags, notes, clonedFrom, branch } = wanted;
  const name = wanted.name.trim();
  if (branch !== undefined) {
    const asked = { document, tags: [...tags], notes, after_step: branch.afterStep, ...(name !== "" && { name }) };
    return [await startedBranch(branch.runId, asked, stored)];
  }
  const body = { document, tags: [...tags], notes, cloned_from: clonedFrom, ...(name !== "" && { name }) };
  const key = JSON.stringify(body);
  const known = stored.get(key);
  const experimentId = known ?? (await storedExperiment(body));
  stored.set(key, experimentId);
  const there = known === undefined ? [] : await runsOf(experimentId);
  const missing = wanted.seeds.filter((seed) => !there.some((run) => run.seed === seed));
  const path = { experiment_id: experimentId };
  const made =
    missing.length === 0
      ? []
      : (await unwrap(api.POST("/api/v1/experiments/{experiment_id}/runs", { params: { path }, body: { seeds: missing } }))).items;
  const already = there.filter((run) => wanted.seeds.includes(run.seed));
  return [...already, ...made].map((run) => ({ id: run.id, experimentId: run.experiment_id }));
}

async function startedBranch(runId: string, body: RunBranch, stored: StoredExperiments): Promise<Started> {
  // The same key when an interrupted try is made again: the service then answers with the run that it made.
  const content = JSON.stringify([runId, body]);
  const key = stored.get(content) ?? newTransitionId();
  stored.set(content, key);
  const params = { path: { run_id: runId }, header: { "Idempotency-Key": key } };
  const run = await unwrap(api.POST("/api/v1/runs/{run_id}/branch", { params, body }));
  return { id: run.id, experimentId: run.experiment_id };
}

async function storedExperiment(body: ExperimentCreate): Promise<string> {
  const experiment = await unwrap(api.POST("/api/v1/experiments", { body }));
  if (!("id" in experiment)) {
    throw new Error("the service checked the experiment but did not store it");
  }
  return experiment.id;
}

async function runsOf(experimentId: string) {
  const query = { experiment_id: experimentId, limit: PAGE_SIZE };
  return (await unwrap(api.GET("/api/v1/runs", { params: { query } }))).items;
}
