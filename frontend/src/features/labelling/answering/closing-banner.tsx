import { Alert, Button, Group, Text } from "@mantine/core";
import { useEffect, useState } from "react";

import { serverNow } from "../../../api/server-clock";
import { useMayResearch } from "../../../api/session";
import type { StageDetail } from "../../../api/types";
import { Problem } from "../../../components/problem";
import { useAuthor } from "../author/use-author";
import { countdownText } from "../queries/round-progress";
import { useRoundAction } from "../rounds/use-round-action";

interface ClosingBannerProps {
  stage: StageDetail;
  /** When the round closes by itself. */
  closesAt: string;
  /** Takes the last answer back; null where this page knows of none. */
  onUndo: (() => void) | null;
  onShowAnswers: () => void;
}

/** Says that a round is complete and when its answers are frozen, and how to take one back before. */
export function ClosingBanner({ stage, closesAt, onUndo, onShowAnswers }: ClosingBannerProps) {
  const { author } = useAuthor();
  const mayResearch = useMayResearch();
  const [now, setNow] = useState(serverNow);
  const action = useRoundAction(stage.run_id, stage.id);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = (Date.parse(closesAt) - now) / 1000;
  return (
    <Alert variant="light" color="yellow" title="The round is complete" role="status">
      <Group gap="sm" justify="space-between">
        <Text size="sm">
          {left > 0
            ? `Its answers are frozen in ${countdownText(left)}, and the next training begins with them.`
            : "Its answers are frozen within the next seconds."}
        </Text>
        <Group gap="xs">
          {onUndo !== null && (
            <Button size="xs" onClick={onUndo}>
              Undo the last answer
            </Button>
          )}
          <Button size="xs" variant="default" onClick={onShowAnswers}>
            See all answers
          </Button>
          {mayResearch && (
            <Button
              size="xs"
              variant="default"
              disabled={author === ""}
              loading={action.isPending}
              onClick={() => action.mutate({ verb: "close", author })}
            >
              Freeze them now
            </Button>
          )}
        </Group>
      </Group>
      {action.error !== null && <Problem error={action.error} />}
    </Alert>
  );
}
