import { Button, Group, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";

import { useMayResearch, usePerson } from "../../../api/session";
import type { QueryPage } from "../../../api/types";
import { smallCopy } from "../queries/small-copy";
import { SendBackDialog } from "./send-back-dialog";
import type { useUndo } from "./use-undo";

interface AnsweredQueriesProps {
  page: QueryPage;
  chosen: string | null;
  onShow: (id: string) => void;
  undo: ReturnType<typeof useUndo>;
}

/** What is answered; an answer can be revised, or sent back for anybody. */
export function AnsweredQueries({ page, chosen, onShow, undo }: AnsweredQueriesProps) {
  const mayResearch = useMayResearch();
  const self = usePerson()?.name;
  const [returned, setReturned] = useState<string | null>(null);
  return (
    <div>
      {page.items.length === 0 && (
        <Text size="xs" c="dimmed">
          Nothing is answered yet.
        </Text>
      )}
      <ol className="open-queries" aria-label="answered queries">
        {page.items.map((query) => (
          <li key={query.id}>
            <UnstyledButton className="open-query" aria-current={query.id === chosen} onClick={() => onShow(query.id)} title={query.image}>
              <img src={smallCopy(query.picture_url)} alt="" loading="lazy" />
              <span>
                <Text span size="xs" truncate display="block">
                  {query.rank} · {query.image}
                </Text>
                <Text span size="xs" c="dimmed" display="block">
                  by {query.author ?? "somebody"}, version {query.version}
                </Text>
              </span>
            </UnstyledButton>
            <Group gap={4} pl={84} pb={4}>
              {(mayResearch || query.author === self) && (
                <Button
                  size="compact-xs"
                  variant="default"
                  disabled={!undo.isReady}
                  aria-label={`revise the answer to ${query.image}`}
                  onClick={() => undo.revise(query.id)}
                >
                  Revise
                </Button>
              )}
              {mayResearch && (
                <Button
                  size="compact-xs"
                  variant="default"
                  disabled={!undo.isReady}
                  aria-label={`send the answer to ${query.image} back`}
                  onClick={() => setReturned(query.id)}
                >
                  Send back
                </Button>
              )}
            </Group>
          </li>
        ))}
      </ol>
      {page.next_cursor != null && (
        <Text size="xs" c="dimmed">
          The first {page.items.length} are listed; the page of the run shows all.
        </Text>
      )}
      {returned !== null && (
        <SendBackDialog
          onClose={() => setReturned(null)}
          onSend={(note) => {
            setReturned(null);
            undo.sendBack(returned, note);
          }}
        />
      )}
    </div>
  );
}
