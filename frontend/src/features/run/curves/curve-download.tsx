import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import { Icon } from "../../../components/icon";
import { Problem } from "../../../components/problem";
import { saveFile } from "../../../lib/save-file";
import { joinedTable } from "./curve-table";

interface CurveDownloadProps {
  runId: string;
  /** Keys of the curves. */
  shown: readonly string[];
}

/** Saves every point of the shown curves as one table. */
export function CurveDownload({ runId, shown }: CurveDownloadProps) {
  const download = useMutation({
    mutationFn: () => Promise.all(shown.map(async (key) => ({ key, text: await tableOf(runId, key) }))),
    onSuccess: (tables) => saveFile(`curves-${runId}.csv`, joinedTable(tables), "text/csv"),
  });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<Icon name="download" size={14} />}
        loading={download.isPending}
        onClick={() => download.mutate()}
        title="Every point of the curves that are shown, as a table"
      >
        Download CSV
      </Button>
      {download.error !== null && <Problem error={download.error} onRetry={() => download.mutate()} />}
    </>
  );
}

function tableOf(runId: string, key: string): Promise<string> {
  const params = { path: { run_id: runId, key }, query: { format: "csv" as const, max_points: 0 } };
  return unwrap(api.GET("/api/v1/runs/{run_id}/series/{key}", { params, parseAs: "text" }));
}
