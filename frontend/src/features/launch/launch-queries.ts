import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import type { ExperimentVerdict } from "../../api/types";
import type { JsonDocument } from "./draft";

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

/** A preset by its full name, `eir/demo`; null asks for nothing. */
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

/** What the service says about a document, without storing anything. */
export function verdictQuery(document: JsonDocument) {
  return queryOptions({
    queryKey: ["verdict", document] as const,
    staleTime: 60_000,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
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

/** What is to be started. */
export interface Launch {
  document: JsonDocument;
  name: string;
  tags: string[];
  seeds: number[];
}

/** Store the experiment, then start one run for each seed. */
export async function launch({ document, name, tags, seeds }: Launch) {
  const body = { document, tags, notes: "", ...(name.trim() !== "" && { name: name.trim() }) };
  const experiment = await unwrap(api.POST("/api/v1/experiments", { body }));
  if (!("id" in experiment)) {
    throw new Error("the service checked the experiment but did not store it");
  }
  const path = { experiment_id: experiment.id };
  const started = await unwrap(api.POST("/api/v1/experiments/{experiment_id}/runs", { params: { path }, body: { seeds } }));
  return started.items;
}
