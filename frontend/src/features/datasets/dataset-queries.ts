import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { errorOfAnswer } from "../../api/api-error";
import { api, unwrap } from "../../api/client";
import { PAGE_SIZE } from "../../api/queries";
import type { DatasetSummary } from "../../api/types";

const GRID_PAGE = 60;

/** How soon to look again, in milliseconds: soon while one of the datasets is scanned. */
export function nextLookMs(datasets: readonly Pick<DatasetSummary, "state">[]): number {
  return datasets.some((dataset) => dataset.state === "scanning") ? 1500 : 15_000;
}

/** Which images are wanted; null for all. */
export interface ImageFilter {
  split: string | null;
  classId: number | null;
}

/** What is sent to register a dataset. */
export interface Registration {
  name: string;
  adapter?: string;
  root?: string;
  world?: Record<string, unknown>;
}

/** Every registered dataset by name. */
export function datasetsQuery() {
  return queryOptions({
    queryKey: ["datasets"] as const,
    queryFn: async ({ signal }) => {
      const datasets: DatasetSummary[] = [];
      let cursor: string | null = null;
      do {
        const query: { limit: number; cursor?: string } = { limit: PAGE_SIZE, ...(cursor !== null && { cursor }) };
        const page: { items: DatasetSummary[]; next_cursor?: string | null } = await unwrap(
          api.GET("/api/v1/datasets", { params: { query }, signal }),
        );
        datasets.push(...page.items);
        cursor = page.next_cursor ?? null;
      } while (cursor !== null);
      return datasets;
    },
  });
}

/** One dataset with what its last scan found. */
export function datasetQuery(datasetId: string) {
  return queryOptions({
    queryKey: ["datasets", datasetId] as const,
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/datasets/{dataset_id}", { params: { path: { dataset_id: datasetId } }, signal })),
  });
}

/** The images of a dataset, page by page; a new scan, known by its digest, begins anew. */
export function imagesQuery(datasetId: string, digest: string | null, { split, classId }: ImageFilter) {
  return infiniteQueryOptions({
    queryKey: ["dataset-images", datasetId, digest, split, classId] as const,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: GRID_PAGE,
        ...(split !== null && { split }),
        ...(classId !== null && { class_id: classId }),
        ...(pageParam !== null && { cursor: pageParam }),
      };
      return unwrap(
        api.GET("/api/v1/datasets/{dataset_id}/images", { params: { path: { dataset_id: datasetId }, query }, signal }),
      );
    },
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** The allowed roots, with the folders that an adapter recognises. */
export function rootsQuery() {
  return queryOptions({
    queryKey: ["dataset-roots"] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/dataset-roots", { signal })),
  });
}

/** The built-in worlds and the adapters, with their options. */
export function kindsQuery() {
  return queryOptions({
    queryKey: ["dataset-kinds"] as const,
    staleTime: Infinity,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/dataset-kinds", { signal })),
  });
}

/** Give a folder or a world a name, and have it scanned. */
export function register(body: Registration) {
  return unwrap(api.POST("/api/v1/datasets", { body }));
}

/** Ask for a new scan. */
export function scanAgain(datasetId: string) {
  return unwrap(api.POST("/api/v1/datasets/{dataset_id}/scan", { params: { path: { dataset_id: datasetId } } }));
}

/** Remove the registration; the files stay. */
export async function forget(datasetId: string): Promise<void> {
  const { error, response } = await api.DELETE("/api/v1/datasets/{dataset_id}", {
    params: { path: { dataset_id: datasetId } },
  });
  if (error !== undefined) {
    throw errorOfAnswer(error, response);
  }
}
