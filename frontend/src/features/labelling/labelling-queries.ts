import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import type { QueryDetail, Submission } from "../../api/types";

const LIST_PAGE = 100;

/** Rounds of all runs that wait for people, the longest waiting first, page by page. */
export function waitingRoundsQuery() {
  return infiniteQueryOptions({
    queryKey: ["labelling", "rounds"] as const,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: 50, ...(pageParam !== null && { cursor: pageParam }) };
      return unwrap(api.GET("/api/v1/label-stages", { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** The label stage: its state, and the run that it belongs to. */
export function labelStageQuery(stageId: string) {
  return queryOptions({
    queryKey: ["labelling", "stage", stageId] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/stages/{stage_id}", { params: { path: { stage_id: stageId } }, signal })),
  });
}

/** What is still to be answered, the most wanted first, with the counts of the whole round. */
export function openQueriesQuery(stageId: string) {
  return queryOptions({
    queryKey: ["labelling", "open", stageId] as const,
    queryFn: ({ signal }) => {
      const query = { state: ["open" as const, "leased" as const, "skipped" as const], limit: LIST_PAGE };
      return unwrap(api.GET("/api/v1/stages/{stage_id}/queries", { params: { path: { stage_id: stageId }, query }, signal }));
    },
  });
}

/** The query on the desk. */
export function deskQuery(queryId: string) {
  return queryOptions({
    queryKey: ["labelling", "query", queryId] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/queries/{query_id}", { params: { path: { query_id: queryId } }, signal })),
  });
}

/** What an answer took, and how it is meant. */
export interface AnswerTerms {
  author: string;
  allowUnsure: boolean;
  seconds: number;
  /** Null where nobody has counted them. */
  clicks: number | null;
}

const at = (queryId: string) => ({ path: { query_id: queryId } });

/** Lease the most wanted query that nobody has. */
export function leaseNext(stageId: string, author: string) {
  const params = { path: { stage_id: stageId } };
  return unwrap(api.POST("/api/v1/stages/{stage_id}/queries/next", { params, body: { author } }));
}

/** Keep a leased query for another quarter of an hour. */
export function renewLease(queryId: string, author: string): Promise<QueryDetail> {
  return unwrap(api.POST("/api/v1/queries/{query_id}/renew", { params: at(queryId), body: { author } }));
}

/** Let others have it. */
export function giveBack(queryId: string, author: string): Promise<QueryDetail> {
  return unwrap(api.POST("/api/v1/queries/{query_id}/release", { params: at(queryId), body: { author } }));
}

/** Leave it unanswered, and say why. */
export function skip(queryId: string, author: string, reason: string): Promise<QueryDetail> {
  return unwrap(api.POST("/api/v1/queries/{query_id}/skip", { params: at(queryId), body: { author, reason } }));
}

/** Ask again what was skipped. */
export function askAgain(queryId: string, author: string): Promise<QueryDetail> {
  return unwrap(api.POST("/api/v1/queries/{query_id}/reopen", { params: at(queryId), body: { author } }));
}

/** Revision of somebody's draft; 0 where there is none. */
function draftRevision(query: QueryDetail, author: string): number {
  return query.drafts.find((draft) => draft.author === author)?.revision ?? 0;
}

/** Make the teacher's proposal the answer, or the person's draft where there is one; not what was saved since it was shown. */
export function acceptProposal(query: QueryDetail, { author, allowUnsure, seconds, clicks }: AnswerTerms): Promise<Submission> {
  // To accept it takes one click.
  const body = { author, allow_unsure: allowUnsure, seconds, clicks: clicks ?? 1 };
  const header = { "if-match": `"${draftRevision(query, author)}"` };
  return unwrap(api.POST("/api/v1/queries/{query_id}/draft/submit", { params: { ...at(query.id), header }, body }));
}

/** Answer with a mask: an index PNG of raw ids. */
export function uploadMask(queryId: string, file: File, { author, allowUnsure, seconds, clicks }: AnswerTerms): Promise<Submission> {
  return unwrap(
    api.POST("/api/v1/queries/{query_id}/annotations", {
      params: { ...at(queryId), query: { author, seconds, allow_unsure: allowUnsure, ...(clicks !== null && { clicks }) } },
      headers: { "Content-Type": "image/png" },
      // The schema knows a PNG as a string of bytes; the file is sent as it is.
      body: file as unknown as string,
      bodySerializer: (body) => body as unknown as Blob,
    }),
  );
}
