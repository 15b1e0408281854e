import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import type { Comment } from "../../../api/types";

/** How often a page that is there for them asks for comments. */
export const COMMENTS_AGAIN_MS = 20_000;

/** Every list of comments begins so. */
const KEY = ["labelling", "comments"] as const;

/** What people said about a query, the oldest first. Who answers independently does not see what the others say. */
export function queryCommentsQuery(queryId: string, viewer: string) {
  return queryOptions({
    queryKey: [...KEY, "query", queryId, viewer] as const,
    queryFn: ({ signal }) => {
      const params = { path: { query_id: queryId }, query: asViewer(viewer) };
      return unwrap(api.GET("/api/v1/queries/{query_id}/comments", { params, signal }));
    },
  });
}

/** What people said about the queries of a round, the newest first, page by page. */
export function roundCommentsQuery(stageId: string, viewer: string) {
  return infiniteQueryOptions({
    queryKey: [...KEY, "round", stageId, viewer] as const,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = { ...asViewer(viewer), ...(pageParam !== null && { cursor: pageParam }) };
      return unwrap(api.GET("/api/v1/stages/{stage_id}/comments", { params: { path: { stage_id: stageId }, query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor,
  });
}

function asViewer(name: string): { viewer?: string } {
  return name === "" ? {} : { viewer: name };
}

/** A point of an image, by its column and row. */
export interface CommentPoint {
  x: number;
  y: number;
}

/** What is to be said about a query, or a point of its image. */
export interface NewComment {
  author: string;
  text: string;
  point: CommentPoint | null;
}

/** Say something about a query. */
export function useSay(queryId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ author, text, point }: NewComment) =>
      unwrap(api.POST("/api/v1/queries/{query_id}/comments", { params: { path: { query_id: queryId } }, body: { author, text, ...point } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Note that a comment is dealt with. */
export function useResolve(author: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (comment: Comment) =>
      unwrap(api.POST("/api/v1/comments/{comment_id}/resolve", { params: { path: { comment_id: comment.id } }, body: { author } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
