import { Button, Code, CopyButton, List, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { experimentQuery } from "../../api/queries";
import type { RunDetail } from "../../api/types";
import { DeviationTable } from "../../components/deviation-table";
import { Panel } from "../../components/panel";
import { QueryFace } from "../../components/query-face";
import { formatMoment } from "../../lib/format";

/** What the run was told to do, and where that differs from the publication. */
export function ConfigView({ run }: { run: RunDetail }) {
  const experiment = useQuery(experimentQuery(run.experiment_id));
  const atRunTime = [...new Set(run.stages.flatMap((stage) => stage.attempts.flatMap((attempt) => attempt.deviations)))];
  const codes = [...new Set(run.stages.flatMap((stage) => stage.attempts.map((attempt) => attempt.code_version ?? "unknown")))];
  return (
    <Stack gap="md">
      <Panel title="Differences from the publication">
        <DeviationTable deviations={run.deviations} />
        {atRunTime.length > 0 && (
          <List size="sm">
            {atRunTime.map((deviation) => (
              <List.Item key={deviation}>{deviation}</List.Item>
            ))}
          </List>
        )}
      </Panel>
      <Panel title="Origin">
        <Text size="sm">
          experiment <Code>{run.experiment_id}</Code>, digest <Code>{run.digest.slice(0, 16)}</Code>, created{" "}
          {formatMoment(run.created_at)}, code {codes.length === 0 ? "not run yet" : codes.join(", ")}
        </Text>
      </Panel>
      <QueryFace query={experiment}>
        {(detail) => {
          const text = JSON.stringify(detail.resolved, null, 2);
          const copy = (
            <CopyButton value={text}>
              {({ copied, copy: doCopy }) => (
                <Button size="xs" variant="default" onClick={doCopy}>
                  {copied ? "copied" : "Copy"}
                </Button>
              )}
            </CopyButton>
          );
          return (
            <Panel title="Resolved configuration" hint="with preset and every default filled in" actions={copy}>
              <Code block mah={520} style={{ overflow: "auto" }} tabIndex={0}>
                {text}
              </Code>
            </Panel>
          );
        }}
      </QueryFace>
    </Stack>
  );
}
