import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import type { AuditTrail } from "../../../api/types";

/** How far independent answers of a round agree, by pair of people and by class. */
export function roundAgreementQuery(stageId: string) {
  return queryOptions({
    queryKey: ["labelling", "agreement", stageId] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/stages/{stage_id}/agreement", { params: { path: { stage_id: stageId } }, signal })),
  });
}

/** Everything that happened to a query, the oldest first. */
export function auditTrailQuery(queryId: string) {
  return queryOptions({
    queryKey: ["labelling", "audit", queryId] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/queries/{query_id}/audit", { params: { path: { query_id: queryId } }, signal })),
  });
}

/** One thing that happened to a query. */
export type AuditEntry = AuditTrail["entries"][number];
