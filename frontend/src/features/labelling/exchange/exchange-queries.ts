import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import type { ExchangeTask, ExportRequest, ImportTerms } from "../../../api/types";

const OFTEN_MS = 500;

/** Whether an export or import has not ended yet. */
export function isUnderWay({ state }: ExchangeTask): boolean {
  return state === "queued" || state === "running";
}

/** Exports and imports of a round, the newest first; asked for often while one is under way. */
export function exchangeTasksQuery(stageId: string) {
  return queryOptions({
    queryKey: ["labelling", "exchange", stageId] as const,
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/stages/{stage_id}/exchange-tasks", { params: { path: { stage_id: stageId } }, signal })),
    refetchInterval: ({ state: { data } }) => (data?.items.some(isUnderWay) === true ? OFTEN_MS : false),
  });
}

/** Begin to pack the answers of a round. */
export function beginExport(stageId: string, body: ExportRequest): Promise<ExchangeTask> {
  return unwrap(api.POST("/api/v1/stages/{stage_id}/export-tasks", { params: { path: { stage_id: stageId } }, body }));
}

/** Send an archive of labels; what becomes of it is told by the task. */
export function beginImport(stageId: string, archive: File, terms: ImportTerms): Promise<ExchangeTask> {
  return unwrap(
    api.POST("/api/v1/stages/{stage_id}/import-tasks", {
      params: { path: { stage_id: stageId }, query: terms },
      headers: { "Content-Type": "application/zip" },
      // The schema knows a ZIP as a string of bytes; the file is sent as it is.
      body: archive as unknown as string,
      bodySerializer: (body) => body as unknown as Blob,
    }),
  );
}
