import { Button, Group, Modal, Radio, Stack, Switch } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { ExportRequest } from "../../../api/types";
import { DownloadLink } from "../../../components/exchange/download-link";
import { TaskProgress } from "../../../components/exchange/task-progress";
import { useAuthor } from "../author/use-author";
import { DialogFoot } from "../rounds/dialog-foot";
import { beginExport, exchangeTasksQuery } from "./exchange-queries";
import { EXPORT_FORMATS } from "./formats";

interface ExportDialogProps {
  stageId: string;
  onClose: () => void;
}

/** Asks in which form the answers of a round leave, packs them, and leads to the archive. */
export function ExportDialog({ stageId, onClose }: ExportDialogProps) {
  const { author } = useAuthor();
  const client = useQueryClient();
  const [format, setFormat] = useState<ExportRequest["format"]>("index_png");
  const [hasImages, setImages] = useState(true);
  const [isHistory, setHistory] = useState(false);
  const begin = useMutation({
    mutationFn: () => beginExport(stageId, { author, format, images: hasImages, which: isHistory ? "all_versions" : "accepted" }),
    onSuccess: () => client.invalidateQueries({ queryKey: exchangeTasksQuery(stageId).queryKey }),
  });
  return (
    <Modal opened onClose={onClose} title="Export the answers" size="lg">
      {begin.data !== undefined ? (
        <Packing stageId={stageId} taskId={begin.data.id} onClose={onClose} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            begin.mutate();
          }}
        >
          <Stack>
            <Radio.Group label="Format" value={format} onChange={(chosen) => setFormat(chosen)}>
              <Stack gap="xs" mt="xs">
                {EXPORT_FORMATS.map((one) => (
                  <Radio key={one.value} {...one} />
                ))}
              </Stack>
            </Radio.Group>
            <Switch label="with the pictures" checked={hasImages} onChange={(event) => setImages(event.currentTarget.checked)} />
            <Switch
              label="every version"
              description="Also answers that were revised, sent back or came late. Without it, the answer to each query that counts."
              checked={isHistory}
              onChange={(event) => setHistory(event.currentTarget.checked)}
            />
            <DialogFoot label="Export" isReady={author !== ""} isPending={begin.isPending} error={begin.error} onClose={onClose} />
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function Packing({ stageId, taskId, onClose }: ExportDialogProps & { taskId: string }) {
  const tasks = useQuery(exchangeTasksQuery(stageId));
  const task = tasks.data?.items.find(({ id }) => id === taskId);
  return (
    <Stack>
      {task !== undefined && <TaskProgress task={task} noun="answers" />}
      {task?.export != null && <DownloadLink made={task.export} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {task?.state === "succeeded" || task?.state === "failed" ? "Close" : "Close; it goes on"}
        </Button>
      </Group>
    </Stack>
  );
}
