import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import type { QueryDetail, QuerySort, QueryState, Submission } from "../../api/types";
import { draftOf } from "./answering/answer-rights";

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

/** The lists of a round's queries begin so, in every order. */
export function openQueriesKey(stageId: string) {
  return ["labelling", "open", stageId] as const;
}

/** What is still to be answered, with the counts of the whole round. */
export function openQueriesQuery(stageId: string, sort: QuerySort) {
  return listQuery(stageId, sort, ["open", "leased", "skipped"]);
}

/** What is answered, with the counts of the whole round. */
export function answeredQueriesQuery(stageId: string, sort: QuerySort) {
  return listQuery(stageId, sort, ["accepted"]);
}

/** What a researcher is to decide, with the counts of the whole round. */
export function reviewedQueriesQuery(stageId: string, sort: QuerySort) {
  return listQuery(stageId, sort, ["in_review"]);
}

function listQuery(stageId: string, sort: QuerySort, state: QueryState[]) {
  return queryOptions({
    queryKey: [...openQueriesKey(stageId), ...state, sort] as const,
    queryFn: ({ signal }) => {
      const params = { path: { stage_id: stageId }, query: { state, sort, limit: LIST_PAGE } };
      return unwrap(api.GET("/api/v1/stages/{stage_id}/queries", { params, signal }));
    },
  });
}

/** The query that somebody answers. */
export function queryToAnswer(queryId: string) {
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

/** Take an answer up again: it becomes the person's draft, and counts no more until it is sent anew. */
export function reviseAnswer(queryId: string, author: string): Promise<QueryDetail> {
  return unwrap(api.POST("/api/v1/queries/{query_id}/revise", { params: at(queryId), body: { author } }));
}

/** Open an answered query again for anybody, and say why. */
export function sendBack(queryId: string, author: string, note: string): Promise<QueryDetail> {
  return unwrap(api.POST("/api/v1/queries/{query_id}/reject", { params: at(queryId), body: { author, note } }));
}

/** Open what was skipped. */
export function openAgain(queryId: string, author: string): Promise<QueryDetail> {
  return unwrap(api.POST("/api/v1/queries/{query_id}/reopen", { params: at(queryId), body: { author } }));
}

/** Accept the label of tied independent answers as it stands. */
export function acceptReview(queryId: string, author: string): Promise<QueryDetail> {
  return unwrap(api.POST("/api/v1/queries/{query_id}/accept", { params: at(queryId), body: { author } }));
}

/** Decide that a query in review gets no answer, and say why. */
export function leaveReviewed(queryId: string, author: string, reason: string): Promise<QueryDetail> {
  return unwrap(api.POST("/api/v1/queries/{query_id}/skip", { params: at(queryId), body: { author, reason, review: true } }));
}

/** An answer to a query in review decides about it. */
function decides({ state }: QueryDetail): { review?: true } {
  return state === "in_review" ? { review: true } : {};
}

/** The version of somebody else's answer that a new one takes the place of: the one that is shown; none where it is one's own. */
function replacedVersion(query: QueryDetail, author: string): { replaces?: number } {
  return query.state === "accepted" && query.author !== author ? { replaces: query.version } : {};
}

/** Make the teacher's proposal the answer, or the person's draft where there is one; not what was saved since it was shown. */
export function acceptProposal(query: QueryDetail, { author, allowUnsure, seconds, clicks }: AnswerTerms): Promise<Submission> {
  // To accept it takes one click.
  const body = { author, allow_unsure: allowUnsure, seconds, clicks: clicks ?? 1, ...replacedVersion(query, author), ...decides(query) };
  const header = { "if-match": `"${draftOf(query, author)?.revision ?? 0}"` };
  return unwrap(api.POST("/api/v1/queries/{query_id}/draft/submit", { params: { ...at(query.id), header }, body }));
}

/** Answer with a mask: an index PNG of raw ids. */
export function uploadMask(query: QueryDetail, file: File, { author, allowUnsure, seconds, clicks }: AnswerTerms): Promise<Submission> {
  const counted = clicks !== null && { clicks };
  const terms = { author, seconds, allow_unsure: allowUnsure, ...counted, ...replacedVersion(query, author), ...decides(query) };
  return unwrap(
    api.POST("/api/v1/queries/{query_id}/annotations", {
      params: { ...at(query.id), query: terms },
      headers: { "Content-Type": "image/png" },
      // The schema knows a PNG as a string of bytes; the file is sent as it is.
      body: file as unknown as string,
      bodySerializer: (body) => body as unknown as Blob,
    }),
  );
}

/** Make the person's draft of this revision the answer; what it cost is what the draft says. */
export function submitDraft(query: QueryDetail, { author, allowUnsure, revision }: { author: string; allowUnsure: boolean; revision: number }) {
  const body = { author, allow_unsure: allowUnsure, ...replacedVersion(query, author), ...decides(query) };
  const header = { "if-match": `"${revision}"` };
  return unwrap(api.POST("/api/v1/queries/{query_id}/draft/submit", { params: { ...at(query.id), header }, body }));
}
