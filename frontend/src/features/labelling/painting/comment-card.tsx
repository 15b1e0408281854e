import { Anchor, CloseButton, Text } from "@mantine/core";

import { CommentForm } from "../comments/comment-form";
import { CommentText } from "../comments/comment-text";
import type { PaintWork } from "./load-work";
import { type Comments, pointOfComment } from "./use-comments";

interface CommentCardProps {
  work: PaintWork;
  talk: Comments;
}

/** What people said about the query, over the edge of the image, and a line to say something. */
export function CommentCard({ work: { query }, talk }: CommentCardProps) {
  return (
    <aside className="paint-card" data-place="right" aria-label="comments">
      <header className="side-head">
        <Text size="sm" fw={650}>
          Comments
        </Text>
        <CloseButton size="sm" aria-label="close the comments" onClick={talk.toggle} />
      </header>
      {talk.comments.length > 0 && (
        <ol className="paint-card-body plain-list" aria-label="comments on the query" tabIndex={0}>
          {talk.comments.map((comment, index) => {
            const point = pointOfComment(comment);
            const about =
              point === null ? null : (
                <Anchor component="button" type="button" size="xs" onClick={() => talk.show(point)}>
                  {index + 1} · at {point.x}, {point.y}
                </Anchor>
              );
            return (
              <li key={comment.id}>
                <CommentText comment={comment} about={about} />
              </li>
            );
          })}
        </ol>
      )}
      {query.answers_wanted > 1 && query.state !== "accepted" && (
        <Text size="xs" c="dimmed">
          People who answer this query too do not see yours before all answers are there.
        </Text>
      )}
      {talk.isPlacing ? (
        <Text size="sm" role="status">
          Click the point in the image.
        </Text>
      ) : (
        <CommentForm queryId={query.id} point={talk.point} onPoint={talk.place} onSaid={talk.said} isFocused />
      )}
    </aside>
  );
}
