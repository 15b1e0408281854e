import { Button, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";

import { useMayResearch } from "../../../api/session";
import type { Comment } from "../../../api/types";
import { Problem } from "../../../components/problem";
import { formatMoment } from "../../../lib/format";
import { useAuthor } from "../author/use-author";
import { useResolve } from "./comment-queries";
import "./comments.css";

interface CommentTextProps {
  comment: Comment;
  /** What it is about, such as a link to the point. */
  about?: ReactNode;
}

/** One comment: who said what, when, and whether it is dealt with; a researcher says so. */
export function CommentText({ comment, about }: CommentTextProps) {
  const { author } = useAuthor();
  const mayResearch = useMayResearch();
  const resolve = useResolve(author);
  const { resolved_by: by } = comment;
  return (
    <div className="comment" data-done={by !== null}>
      <Group gap={6} justify="space-between">
        <Text size="xs" c="dimmed">
          <b>{comment.author}</b>, {formatMoment(comment.created_at)}
        </Text>
        {about}
      </Group>
      <Text size="sm" className="comment-words">
        {comment.text}
      </Text>
      {by !== null && (
        <Text size="xs" c="dimmed">
          ✓ dealt with by {by}, {formatMoment(comment.resolved_at)}
        </Text>
      )}
      {by === null && mayResearch && (
        <Button
          size="compact-xs"
          variant="default"
          disabled={author === ""}
          loading={resolve.isPending}
          aria-label={`the comment “${comment.text.slice(0, 40)}” is dealt with`}
          onClick={() => resolve.mutate(comment)}
        >
          Dealt with
        </Button>
      )}
      {resolve.error !== null && <Problem error={resolve.error} />}
    </div>
  );
}
