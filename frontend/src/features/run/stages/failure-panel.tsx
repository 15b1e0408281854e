import { Alert, Code, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { RunDetail, StageSummary } from "../../../api/types";
import { Icon } from "../../../components/icon";
import { reasonText } from "../../../components/reason-text";
import { adviceFor } from "./failure-reasons";
import { logQuery } from "../log/log-query";

const LAST_LINES = 50;

/** What happened to a failed run, why most likely, what helps, and how its log ends (UI-1). */
export function FailurePanel({ run }: { run: RunDetail }) {
  const stage = run.stages.find((candidate) => candidate.state === "failed");
  const advice = adviceFor(run.reason);
  const place = stage === undefined ? "" : ` in stage ${stage.index} (${stage.name}), attempt ${stage.attempts.length}`;
  return (
    <Alert
      color="red"
      variant="light"
      icon={<Icon name="failed" />}
      title={`Failed${place}: ${reasonText(run.state, run.reason) ?? "reason unknown"}`}
    >
      <Stack gap="xs">
        <Text size="sm">{run.message ?? stage?.message ?? "No message was left."}</Text>
        <Text size="sm">
          <b>Likely cause.</b> {advice.cause}
        </Text>
        <Text size="sm">
          <b>What helps.</b> {advice.remedy}
        </Text>
        {stage !== undefined && <LastLines stage={stage} />}
      </Stack>
    </Alert>
  );
}

function LastLines({ stage }: { stage: StageSummary }) {
  const log = useQuery(logQuery(stage.run_id, stage.id, null, { tail: LAST_LINES }));
  if (log.data === undefined || log.data.items.length === 0) {
    return null;
  }
  return (
    <details open>
      <summary>The last {log.data.items.length} lines of the log</summary>
      <Code block mah={260} style={{ overflow: "auto" }} mt={4} tabIndex={0}>
        {log.data.items.map((line) => line.text).join("\n")}
      </Code>
    </details>
  );
}
