import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";

import { ApiError } from "../../api/api-error";
import { api, unwrap } from "../../api/client";
import { PAGE_SIZE } from "../../api/queries";
import type { ExperimentVerdict, StreamPreview } from "../../api/types";
import type { JsonDocument } from "./draft";
import type { BranchStart } from "./use-launch-draft";

/** How soon a check that got no answer is tried again. */
const RETRY_MS = 4000;

/** The JSON Schema of a method's documents; null asks for nothing. */
export function schemaQuery(method: string | null) {
  return queryOptions({
    queryKey: ["methods", method, "schema"] as const,
    staleTime: Infinity,
    enabled: method !== null,
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/methods/{method}/schema", { params: { path: { method: method ?? "" } }, signal })),
  });
}

/** A preset by its full name, `method/name`; null asks for nothing. */
export function presetQuery(name: string | null) {
  const [method = "", ...rest] = (name ?? "").split("/");
  const path = { method, preset: rest.join("/") };
  return queryOptions({
    queryKey: ["presets", name] as const,
    staleTime: Infinity,
    enabled: name !== null,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/methods/{method}/presets/{preset}", { params: { path }, signal })),
  });
}

/** The presets of a method, with their titles and descriptions. */
export function presetsQuery(method: string, enabled: boolean) {
  return queryOptions({
    queryKey: ["methods", method, "presets"] as const,
    staleTime: Infinity,
    enabled,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/methods/{method}/presets", { params: { path: { method } }, signal })),
  });
}

/** The document that tests a stage's trained model. */
export function modelTestQuery(stageId: string) {
  return queryOptions({
    queryKey: ["stages", stageId, "model-test"] as const,
    staleTime: Infinity,
    retry: false,
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/stages/{stage_id}/model-test", { params: { path: { stage_id: stageId } }, signal })),
  });
}

/** Everything that a dataset can be chosen from. */
export function datasetOffersQuery() {
  return queryOptions({
    queryKey: ["launch", "datasets"] as const,
    staleTime: 10_000,
    queryFn: async ({ signal }) => {
      const [registered, roots, kinds] = await Promise.all([
        unwrap(api.GET("/api/v1/datasets", { params: { query: { limit: PAGE_SIZE } }, signal })),
        unwrap(api.GET("/api/v1/dataset-roots", { signal })),
        unwrap(api.GET("/api/v1/dataset-kinds", { signal })),
      ]);
      return { registered: registered.items, roots: roots.items, kinds: kinds.items };
    },
  });
}

/** The published class schedules. */
export function schedulesQuery() {
  return queryOptions({
    queryKey: ["schedules"] as const,
    staleTime: Infinity,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/schedules", { signal })),
  });
}

/** The classes of a dataset, and the images that each step of a stream takes from it; those of the stream before stay meanwhile. */
export function useStreamPreview(dataset: JsonDocument, stream: JsonDocument) {
  return useQuery<StreamPreview>({
    queryKey: ["stream-preview", dataset, stream],
    staleTime: 10_000,
    retry: false,
    placeholderData: (previous, query) =>
      JSON.stringify(query?.queryKey[1]) === JSON.stringify(dataset) ? previous : undefined,
    refetchInterval: ({ state }) => retryOf(state.error),
    queryFn: ({ signal }) => unwrap(api.POST("/api/v1/stream-preview", { body: { dataset, stream }, signal })),
  });
}

/** What the service says about a document, without storing anything; the verdict before stays meanwhile. */
export function useVerdict(document: JsonDocument, branch?: BranchStart) {
  return useQuery<ExperimentVerdict>({
    queryKey: ["verdict", document, branch],
    staleTime: 10_000,
    retry: false,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => retryOf(state.error),
    queryFn: async ({ signal }) => {
      if (branch !== undefined) {
        const params = { path: { run_id: branch.runId } };
        const body = { document, tags: [], notes: "", after_step: branch.afterStep };
        return unwrap(api.POST("/api/v1/runs/{run_id}/branch-verdict", { params, body, signal }));
      }
      const answer = await unwrap(
        api.POST("/api/v1/experiments", {
          params: { query: { dry_run: true } },
          body: { document, tags: [], notes: "" },
          signal,
        }),
      );
      return answer as ExperimentVerdict;
    },
  });
}

/** A service that does not answer is asked again; one that refused is not. */
function retryOf(error: Error | null): number | false {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500) ? RETRY_MS : false;
}
