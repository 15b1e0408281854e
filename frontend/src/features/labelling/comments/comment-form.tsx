import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";

import { Problem } from "../../../components/problem";
import { useAuthor } from "../author/use-author";
import { type CommentPoint, useSay } from "./comment-queries";

const MAX_CHARACTERS = 5000;

interface CommentFormProps {
  queryId: string;
  /** What it is about; null for the whole query. */
  point: CommentPoint | null;
  /** Chooses another point, or none. */
  onPoint?: (isWanted: boolean) => void;
  onSaid?: () => void;
  /** Whether it has the focus as soon as it is there. */
  isFocused?: boolean;
}

/** Asks what is to be said about a query or a point of it; Ctrl Enter sends it. */
export function CommentForm({ queryId, point, onPoint, onSaid, isFocused = false }: CommentFormProps) {
  const { author } = useAuthor();
  const [text, setText] = useState("");
  const say = useSay(queryId);
  const isReady = text.trim() !== "" && author !== "" && !say.isPending;
  const send = () => {
    if (isReady) {
      say.mutate(
        { author, text: text.trim(), point },
        {
          onSuccess: () => {
            setText("");
            onSaid?.();
          },
        },
      );
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Stack gap={6}>
        <Textarea
          aria-label="your comment"
          placeholder="What should others know?"
          autosize
          minRows={2}
          maxRows={8}
          maxLength={MAX_CHARACTERS}
          autoFocus={isFocused}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
              event.stopPropagation();
              send();
            }
          }}
        />
        <Group gap={6} justify="space-between" wrap="nowrap">
          <Text size="xs" c="dimmed" truncate>
            {point === null ? "about the whole query" : `at ${point.x}, ${point.y}`}
          </Text>
          {onPoint !== undefined && (
            <Button size="compact-xs" variant="subtle" onClick={() => onPoint(point === null)}>
              {point === null ? "Choose a point" : "No point"}
            </Button>
          )}
          <Button size="compact-sm" type="submit" disabled={!isReady} loading={say.isPending}>
            Say it
          </Button>
        </Group>
        {say.error !== null && <Problem error={say.error} />}
      </Stack>
    </form>
  );
}
