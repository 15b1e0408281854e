import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "./client";
import { ENDED_STATES } from "./types";

/** How often the tests of a run's models are asked for while one goes on. */
const TEST_ASKED_MS = 5000;

/** Page size of lists: the most that the service gives at once. */
export const PAGE_SIZE = 200;

/** One run with its stages. */
export function runQuery(runId: string) {
  return queryOptions({
    queryKey: ["runs", runId] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: runId } }, signal })),
  });
}

/** One experiment: as submitted, resolved and planned; it never changes. */
export function experimentQuery(experimentId: string) {
  return queryOptions({
    queryKey: ["experiments", experimentId] as const,
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/experiments/{experiment_id}", { params: { path: { experiment_id: experimentId } }, signal })),
  });
}

/** Every method that can be launched. */
export function methodsQuery() {
  return queryOptions({
    queryKey: ["methods"] as const,
    staleTime: 60_000,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/methods", { signal })),
  });
}

/** Which model a run tests, and which runs test the models of this one; asked again while one of these goes on. */
export function modelTestsQuery(runId: string) {
  return queryOptions({
    queryKey: ["run-data", runId, "model-tests"] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/{run_id}/model-tests", { params: { path: { run_id: runId } }, signal })),
    refetchInterval: ({ state }) => state.data?.items.some((test) => !ENDED_STATES.has(test.state)) === true && TEST_ASKED_MS,
  });
}

/** Every snapshot of a run's replay memory: what it holds of each class. */
export function memoryMatrixQuery(runId: string) {
  return queryOptions({
    queryKey: ["run-data", runId, "memory"] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs/{run_id}/memory", { params: { path: { run_id: runId } }, signal })),
  });
}
