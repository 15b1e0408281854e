import type { PointerEvent } from "react";

import type { CommentPoint } from "../comments/comment-queries";
import { type Size, toImage, toScreen, type Viewport } from "../engine/viewport";
import { type Comments, pointOfComment } from "./use-comments";

interface CommentPinsProps {
  talk: Comments;
  view: Viewport;
  /** Of the canvas, in its own pixels. */
  size: Size;
}

/** Marks over the image where something was said. They let every press through, and what is dealt with is marked only beside the list. */
export function CommentPins({ talk, view, size }: CommentPinsProps) {
  const style = ({ x, y }: CommentPoint) => {
    const place = toScreen(view, { x: x + 0.5, y: y + 0.5 });
    return { left: `${(100 * place.x) / size.width}%`, top: `${(100 * place.y) / size.height}%` };
  };
  const choose = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const place = { x: ((event.clientX - box.left) * size.width) / box.width, y: ((event.clientY - box.top) * size.height) / box.height };
    const { x, y } = toImage(view, place);
    talk.choose({ x: Math.floor(x), y: Math.floor(y) });
  };
  return (
    <>
      {talk.comments.map((comment, index) => {
        const point = pointOfComment(comment);
        return (
          point !== null &&
          (comment.resolved_by === null || talk.isOpen) && (
            <span key={comment.id} className="comment-pin" data-done={comment.resolved_by !== null} style={style(point)} aria-hidden="true">
              {index + 1}
            </span>
          )
        );
      })}
      {talk.isOpen && talk.point !== null && (
        <span className="comment-pin" data-new="true" style={style(talk.point)} aria-hidden="true">
          +
        </span>
      )}
      {talk.isOpen && talk.isPlacing && <div className="point-catcher" onPointerDown={choose} />}
    </>
  );
}
