import { Anchor, Button, Group, Text, Title } from "@mantine/core";
import { Link } from "react-router";

import type { QueryDetail, StageDetail } from "../../../api/types";
import { Icon } from "../../../components/icon";
import { KeyHint } from "../../../components/key-hint";
import { formatCount, formatDuration } from "../../../lib/format";
import type { KeysOfPage } from "./keys/key-bindings";
import { SaveBadge } from "./save-badge";
import type { Comments } from "./use-comments";
import type { InstructionsState } from "./use-instructions";
import type { Painting } from "./use-painting";

interface TopBarProps {
  stage: StageDetail;
  query: QueryDetail;
  painting: Painting;
  keys: KeysOfPage;
  /** Active seconds on it so far. */
  seconds: number;
  instructions: InstructionsState;
  talk: Comments;
  onSkip: () => void;
  /** Show what was saved elsewhere beside what is here. */
  onCompare: () => void;
}

/** Which query it is, whether the work is safe, and what ends it. */
export function TopBar({ stage, query, painting, keys, seconds, instructions, talk, onSkip, onCompare }: TopBarProps) {
  return (
    <header className="paint-top">
      <Anchor component={Link} to={`/labelling/${stage.id}`} size="sm" className="paint-back" title="back to the round; your work is kept">
        <Icon name="back" size={14} />
        Round
      </Anchor>
      <Title order={1} size="h5" className="paint-title" title={query.image}>
        {query.rank} · {query.image}
      </Title>
      <SaveBadge state={painting.saveState} onCompare={onCompare} />
      <Group gap="xs" ml="auto" wrap="nowrap">
        <Text size="xs" c="dimmed" className="paint-spent">
          {formatDuration(seconds)}, {formatCount(painting.clicks(), "stroke")}
        </Text>
        {instructions.told !== null && (
          <Button size="compact-sm" variant="default" className="toggle-button" aria-pressed={instructions.isOpen} onClick={instructions.toggle}>
            Instructions
            <KeyHint keys={keys.hint("sheet.instructions")} />
          </Button>
        )}
        <Button
          size="compact-sm"
          variant="default"
          className="toggle-button"
          aria-pressed={talk.isOpen}
          title="read what people said; the key says something about the point under the pointer"
          onClick={talk.toggle}
        >
          Comments{talk.comments.length > 0 && ` (${talk.comments.length})`}
          <KeyHint keys={keys.hint("comment.say")} />
        </Button>
        <Button size="compact-sm" variant="default" onClick={onSkip} title="leave it unanswered, and say why">
          Skip
          <KeyHint keys={keys.hint("answer.skip")} />
        </Button>
        <Button size="compact-sm" loading={painting.sending.isPending} onClick={() => painting.submit(false)}>
          Send answer
          <KeyHint keys={keys.hint("answer.send")} />
        </Button>
      </Group>
    </header>
  );
}
