import { Alert, Button, Stack, Text } from "@mantine/core";

import type { ClassLabel } from "../../../api/types";
import { formatCount } from "../../../lib/format";
import type { AnswerFault } from "../engine/answer-check";
import type { Rect } from "../engine/rect";

const SHOWN = 20;

interface FaultListProps {
  /** Null before the answer was looked at. */
  faults: readonly AnswerFault[] | null;
  classes: readonly ClassLabel[];
  onShow: (rect: Rect) => void;
  /** Send it as it is: unlabelled pixels are meant. */
  onSend: () => void;
}

/** What an answer lacks, each with a way to its place. */
export function FaultList({ faults, classes, onShow, onSend }: FaultListProps) {
  if (faults === null || faults.length === 0) {
    return null;
  }
  const nameOf = (id: number) => classes.find((label) => label.id === id)?.name ?? String(id);
  return (
    <Alert color="yellow" variant="light" p="xs" title="Before it is sent" role="alert">
      <Stack gap={4}>
        {faults.slice(0, SHOWN).map((fault) => (
          <Button key={JSON.stringify(fault.rect)} size="compact-xs" variant="default" onClick={() => onShow(fault.rect)}>
            {fault.kind === "unlabelled"
              ? `${formatCount(fault.pixels, "pixel")} without a class`
              : `an island of ${formatCount(fault.pixels, "pixel")}: ${nameOf(fault.id)}`}
          </Button>
        ))}
        {faults.length > SHOWN && <Text size="xs">and {faults.length - SHOWN} more places</Text>}
        <Button size="compact-sm" onClick={onSend} title="pixels without a class are meant: nobody can tell them">
          Send it as it is
        </Button>
      </Stack>
    </Alert>
  );
}
