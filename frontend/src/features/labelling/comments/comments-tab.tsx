import { Anchor, Button, SegmentedControl, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import type { RoundComment } from "../../../api/types";
import { Panel } from "../../../components/panel";
import { QueryFace } from "../../../components/query-face";
import { useAuthor } from "../author/use-author";
import { COMMENTS_AGAIN_MS, roundCommentsQuery } from "./comment-queries";
import { CommentText } from "./comment-text";

/** What people said about the queries of a round; each leads to its place. */
export function CommentsTab({ stageId }: { stageId: string }) {
  const { author } = useAuthor();
  const comments = useInfiniteQuery({ ...roundCommentsQuery(stageId, author), refetchInterval: COMMENTS_AGAIN_MS });
  const [shown, setShown] = useState("all");
  return (
    <Panel
      title="Comments"
      hint="put on the painting page, at a point of the image or about the whole query"
      actions={
        <SegmentedControl size="xs" aria-label="which comments are listed" data={["all", "not dealt with"]} value={shown} onChange={setShown} />
      }
    >
      <QueryFace query={comments} height={120}>
        {({ pages }) => {
          const every = pages.flatMap(({ items }) => items);
          const listed = shown === "all" ? every : every.filter((one) => one.resolved_by === null);
          return listed.length === 0 ? (
            <Text size="sm" c="dimmed">
              {every.length === 0 ? "Nobody has said anything yet." : "All of them are dealt with."}
            </Text>
          ) : (
            <Stack component="ul" gap="sm" className="plain-list" maw={760} aria-label="comments of the round">
              {listed.map((comment) => (
                <li key={comment.id}>
                  <CommentText comment={comment} about={<ToPlace stageId={stageId} comment={comment} />} />
                </li>
              ))}
            </Stack>
          );
        }}
      </QueryFace>
      {comments.hasNextPage && (
        <Button size="xs" variant="default" loading={comments.isFetchingNextPage} onClick={() => void comments.fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </Panel>
  );
}

function ToPlace({ stageId, comment: { query_id: queryId, image, rank, x, y } }: { stageId: string; comment: RoundComment }) {
  const place = x === null || y === null ? "" : `, at ${x}, ${y}`;
  const address = `/labelling/${stageId}/paint/${queryId}?talk${x === null || y === null ? "" : `&at=${x},${y}`}`;
  return (
    <Anchor component={Link} to={address} size="xs">
      {rank} · {image}
      {place}
    </Anchor>
  );
}
