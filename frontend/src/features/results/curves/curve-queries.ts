import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import type { CurveKeys, SeedCurve } from "../../../api/types";
import { at } from "../../../lib/place";
import { withQuery } from "../../../lib/query-string";

/** Whose curves are drawn: those of an experiment's runs, or of the members of a comparison. */
export type CurvesOf = { experiment: string } | { runs: readonly string[]; experiments: readonly string[] };

/** How often curves are asked for while a run goes on. */
const WHILE_RUNNING_MS = 10_000;
const CURVE_POINTS = 1000;

/** The curves that the runs have, from summaries alone. */
export function curveKeysQuery(of: CurvesOf, isOpen: boolean) {
  return queryOptions({
    queryKey: ["curves", of, "keys"] as const,
    staleTime: 10_000,
    refetchInterval: isOpen ? WHILE_RUNNING_MS : false,
    queryFn: ({ signal }): Promise<CurveKeys> =>
      "experiment" in of
        ? unwrap(api.GET("/api/v1/experiments/{experiment_key}/series", { params: { path: { experiment_key: of.experiment } }, signal }))
        : unwrap(api.GET("/api/v1/compare/series", { params: { query: membersOf(of) }, signal })),
  });
}

/** One curve of every member; the service thins it out and keeps the extremes of the mean. */
export function seedCurvesQuery(of: CurvesOf, key: string, hasSeeds: boolean, isOpen: boolean) {
  const window = { max_points: CURVE_POINTS, values: hasSeeds };
  return queryOptions({
    queryKey: ["curves", of, "points", key, hasSeeds] as const,
    staleTime: 10_000,
    refetchInterval: isOpen ? WHILE_RUNNING_MS : false,
    queryFn: async ({ signal }): Promise<SeedCurve[]> => {
      if ("experiment" in of) {
        const params = { path: { experiment_key: of.experiment, key }, query: window };
        return [await unwrap(api.GET("/api/v1/experiments/{experiment_key}/series/{key}", { params, signal }))];
      }
      const params = { path: { key }, query: { ...membersOf(of), ...window } };
      return (await unwrap(api.GET("/api/v1/compare/series/{key}", { params, signal }))).members;
    },
  });
}

/** Where every point of a curve can be had as a table, with each seed's own values on demand. */
export function curveTableAddress(of: CurvesOf, key: string, hasSeeds: boolean): string {
  const window = { format: "csv", max_points: 0, values: hasSeeds };
  const name = encodeURIComponent(key);
  return at(
    "experiment" in of
      ? withQuery(`/api/v1/experiments/${of.experiment}/series/${name}`, window)
      : withQuery(`/api/v1/compare/series/${name}`, { ...membersOf(of), ...window }),
  );
}

function membersOf({ runs, experiments }: Extract<CurvesOf, { runs: readonly string[] }>) {
  return { runs: [...runs], experiments: [...experiments] };
}
