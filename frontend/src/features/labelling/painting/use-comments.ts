import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";

import type { Comment } from "../../../api/types";
import { type CommentPoint, COMMENTS_AGAIN_MS, queryCommentsQuery } from "../comments/comment-queries";
import type { PaintWork } from "./load-work";
import type { Painting } from "./use-painting";

/** How much of the image is shown around a point, in pixels. */
const AROUND_PX = 40;

/** The comments on the query that is painted, and the one that is being written. */
export function useComments({ query }: PaintWork, { track, screen, lookAt }: Painting, author: string) {
  const [params] = useSearchParams();
  const asked = pointOf(params.get("at"));
  const [isOpen, setOpen] = useState(params.has("talk"));
  const [point, setPoint] = useState<CommentPoint | null>(null);
  const [isPlacing, setPlacing] = useState(false);
  const comments = useQuery({ ...queryCommentsQuery(query.id, author), refetchInterval: COMMENTS_AGAIN_MS }).data?.items ?? [];
  const isInside = ({ x, y }: CommentPoint) => x >= 0 && y >= 0 && x < query.width && y < query.height;
  const show = ({ x, y }: CommentPoint) =>
    lookAt({ left: x - AROUND_PX, top: y - AROUND_PX, right: x + AROUND_PX + 1, bottom: y + AROUND_PX + 1 });
  const isLed = useRef(false);
  useEffect(() => {
    // Where a link leads to is shown once, as soon as the canvas has its size.
    if (asked !== null && !isLed.current && screen.width > 1) {
      isLed.current = true;
      show(asked);
    }
  });
  return {
    comments,
    isOpen,
    point,
    isPlacing,
    show,
    /** Opens them, with the point under the pointer to say something about; or closes them. */
    toggle: () => {
      const { place } = track;
      const under = place === null ? null : { x: Math.floor(place.x), y: Math.floor(place.y) };
      setPoint(!isOpen && under !== null && isInside(under) ? under : null);
      setPlacing(false);
      setOpen(!isOpen);
    },
    /** The next click on the image chooses the point; or it is about the whole query. */
    place: (isWanted: boolean) => {
      setPlacing(isWanted);
      setPoint(null);
    },
    choose: (chosen: CommentPoint) => {
      if (isInside(chosen)) {
        setPoint(chosen);
        setPlacing(false);
      }
    },
    said: () => setPoint(null),
  };
}

export type Comments = ReturnType<typeof useComments>;

/** The point of a comment; null for one about the whole query. */
export function pointOfComment({ x, y }: Comment): CommentPoint | null {
  return x === null || y === null ? null : { x, y };
}

/** "12,7" of an address as a point. */
function pointOf(text: string | null): CommentPoint | null {
  const [x, y] = (text ?? "").split(",").map(Number);
  return x !== undefined && y !== undefined && Number.isInteger(x) && Number.isInteger(y) ? { x, y } : null;
}
