import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { ExchangeTask, StageDetail } from "../../../api/types";
import { DownloadLink } from "../../../components/exchange/download-link";
import { TaskProgress } from "../../../components/exchange/task-progress";
import { Panel } from "../../../components/panel";
import { QueryFace } from "../../../components/query-face";
import { formatMoment } from "../../../lib/format";
import { exchangeTasksQuery } from "./exchange-queries";
import { ExportDialog } from "./export-dialog";
import { ImportDialog } from "./import-dialog";
import { ImportReportView } from "./import-report";
import { outcomeText } from "./report-words";

/** Answers leave and labels come, in the background; what was done lately is listed. */
export function ExchangePanel({ stage }: { stage: StageDetail }) {
  const [dialog, setDialog] = useState<"export" | "import" | null>(null);
  const tasks = useQuery(exchangeTasksQuery(stage.id));
  const close = () => setDialog(null);
  return (
    <Panel
      title="Export and import"
      hint="as index PNGs, COCO or a Cityscapes tree; both go on when this page is closed"
      actions={
        <Group gap="xs">
          <Button size="xs" onClick={() => setDialog("export")}>
            Export…
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={stage.state !== "waiting_annotation"}
            title={stage.state === "waiting_annotation" ? undefined : "only a round that waits for people takes labels"}
            onClick={() => setDialog("import")}
          >
            Import…
          </Button>
        </Group>
      }
    >
      <QueryFace query={tasks} height={80}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              Nothing was exported or imported yet.
            </Text>
          ) : (
            <Stack gap="sm" component="ul" className="plain-list" aria-label="exports and imports">
              {items.map((task) => (
                <li key={task.id}>
                  <TaskRow task={task} />
                </li>
              ))}
            </Stack>
          )
        }
      </QueryFace>
      {dialog === "export" && <ExportDialog stageId={stage.id} onClose={close} />}
      {dialog === "import" && <ImportDialog stageId={stage.id} onClose={close} />}
    </Panel>
  );
}

function TaskRow({ task }: { task: ExchangeTask }) {
  const isRehearsal = task.report?.dry_run === true;
  return (
    <div className="exchange-task">
      <Text size="xs" c="dimmed">
        {isRehearsal ? "check of an import" : task.kind} by {task.author}, {formatMoment(task.created_at)}
      </Text>
      <TaskProgress task={task} noun={task.kind === "export" ? "answers" : "files"} />
      {task.export !== null && <DownloadLink made={task.export} />}
      {task.report !== null && (
        <details>
          <Text component="summary" size="sm">
            {outcomeText(task.report)}
          </Text>
          <ImportReportView report={task.report} />
        </details>
      )}
    </div>
  );
}
