import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import { ENDED_STATES, type Comparison, type SeedRun } from "../../api/types";
import type { CompareAddress } from "./compare-address";

/** How often results are asked for while a run goes on. */
const WHILE_RUNNING_MS = 10_000;

/** Runs and experiments side by side. */
export function comparisonQuery({ runs, experiments, baseline, hasEqual }: CompareAddress) {
  return queryOptions({
    queryKey: ["comparison", runs, experiments, baseline, hasEqual] as const,
    enabled: runs.length + experiments.length > 1,
    queryFn: ({ signal }) => {
      const query = { runs: [...runs], experiments: [...experiments], equal: hasEqual, ...(baseline !== null && { baseline }) };
      return unwrap(api.GET("/api/v1/compare", { params: { query }, signal }));
    },
    refetchInterval: ({ state: { data } }) => (data !== undefined && isOpen(runsOf(data)) ? WHILE_RUNNING_MS : false),
  });
}

/** Every score of an experiment over its seeds, with the value of each run. */
export function experimentResultsQuery(key: string) {
  return queryOptions({
    queryKey: ["experiments", key, "results"] as const,
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/v1/experiments/{experiment_key}/results", {
          params: { path: { experiment_key: key }, query: { values: true } },
          signal,
        }),
      ),
    refetchInterval: ({ state: { data } }) => (data !== undefined && isOpen(data.runs) ? WHILE_RUNNING_MS : false),
  });
}

/** The runs of all members. */
export function runsOf({ members }: Comparison): SeedRun[] {
  return members.flatMap((member) => member.runs);
}

/** Whether a run still goes on. */
export function isOpen(runs: readonly SeedRun[]): boolean {
  return runs.some(({ state }) => !ENDED_STATES.has(state));
}
