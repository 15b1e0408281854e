import { Button, FileInput, Group, Modal, SimpleGrid, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { TaskProgress } from "../../../components/exchange/task-progress";
import { formatCount } from "../../../lib/format";
import { useAuthor } from "../author/use-author";
import { DialogFoot } from "../rounds/dialog-foot";
import { beginImport, exchangeTasksQuery, isUnderWay } from "./exchange-queries";
import { ImportReportView } from "./import-report";
import { type ChosenTerms, ImportTermsFields } from "./import-terms";

const PLAIN: ChosenTerms = { format: "index_png", overlap: "refuse", allow_unsure: false, replace_others: false };

interface ImportDialogProps {
  stageId: string;
  onClose: () => void;
}

/** Sends an archive of labels twice: first to be told what would become of it, then to have it stored. */
export function ImportDialog({ stageId, onClose }: ImportDialogProps) {
  const { author } = useAuthor();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [terms, setTerms] = useState(PLAIN);
  const send = useMutation({
    mutationFn: ({ archive, isRehearsal }: { archive: File; isRehearsal: boolean }) =>
      beginImport(stageId, archive, { ...terms, author, dry_run: isRehearsal }),
    onSuccess: () => client.invalidateQueries({ queryKey: exchangeTasksQuery(stageId).queryKey }),
  });
  const tasks = useQuery(exchangeTasksQuery(stageId));
  const task = send.data === undefined ? undefined : (tasks.data?.items.find(({ id }) => id === send.data.id) ?? send.data);
  const report = task?.report ?? null;
  const isChecked = report?.dry_run === true;
  const isOver = report !== null && !isChecked;
  const isBusy = send.isPending || (task !== undefined && isUnderWay(task));
  const accepted = report?.counts.would_accept ?? 0;
  // What was found holds for this file and these terms alone.
  const change = (apply: () => void) => {
    send.reset();
    apply();
  };
  return (
    <Modal opened onClose={onClose} title="Import labels" size="min(1180px, 96vw)">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (file !== null && !isBusy) {
            send.mutate({ archive: file, isRehearsal: !isChecked });
          }
        }}
      >
        <Stack>
          <SimpleGrid cols={{ base: 1, md: isOver ? 1 : 2 }} spacing="xl">
            {!isOver && (
              <fieldset className="plain-fieldset" disabled={isBusy}>
                <Stack>
                  <FileInput
                    label="Archive"
                    description="A ZIP of label files. A file belongs to the image whose name it bears."
                    placeholder="choose a ZIP"
                    accept=".zip,application/zip"
                    required
                    disabled={isBusy}
                    value={file}
                    onChange={(chosen) => change(() => setFile(chosen))}
                  />
                  <ImportTermsFields terms={terms} onChange={(chosen) => change(() => setTerms(chosen))} />
                </Stack>
              </fieldset>
            )}
            <div>
              {task === undefined && (
                <Text size="sm" c="dimmed">
                  First the archive is checked, and nothing is stored: here stands what would become of each file.
                </Text>
              )}
              {task !== undefined && <TaskProgress task={task} noun="files" />}
              {report !== null && <ImportReportView report={report} />}
            </div>
          </SimpleGrid>
          {isOver ? (
            <Group justify="flex-end">
              <Button onClick={onClose}>Close</Button>
            </Group>
          ) : (
            <DialogFoot
              label={isChecked ? `Import ${formatCount(accepted, "answer")}` : "Check what it holds"}
              isReady={file !== null && author !== "" && (!isChecked || accepted > 0)}
              isPending={isBusy}
              error={send.error}
              onClose={onClose}
            />
          )}
        </Stack>
      </form>
    </Modal>
  );
}
