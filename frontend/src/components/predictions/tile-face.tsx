import { Group, Skeleton, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { PredictedImage } from "../../api/types";

interface TileFaceProps<Content> {
  image: PredictedImage;
  /** Reads the ground truth, the prediction, or both. */
  queries: readonly UseQueryResult<Content>[];
  /** Draws what was read; of one query, the same twice. */
  children: (contents: readonly [Content, Content]) => ReactNode;
}

/** Grey while the pixels are read, a word where they cannot be. */
export function TileFace<Content>({ image, queries, children }: TileFaceProps<Content>) {
  const [first, second = first] = queries.map((query) => query.data);
  if (first !== undefined && second !== undefined) {
    return children([first, second]);
  }
  return queries.some((query) => query.isError) ? (
    <Text size="xs" c="dimmed">
      cannot be read
    </Text>
  ) : (
    <Skeleton className="panel-picture" style={{ aspectRatio: `${image.width} / ${image.height}` }} aria-label="loading" />
  );
}

/** The line under a tile. */
export function TileCaption({ text }: { text: string }) {
  return (
    <Text component="span" size="xs" c="dimmed" truncate title={text}>
      {text}
    </Text>
  );
}

/** A pattern of the tiles, and what it means. */
export function Pattern({ className, name }: { className: string; name: string }) {
  return (
    <Group gap={6} wrap="nowrap" fz="xs">
      <span className={`class-swatch ${className}`} aria-hidden="true" />
      {name}
    </Group>
  );
}
