import { Button, FileButton } from "@mantine/core";
import { useMutation, type UseMutationResult } from "@tanstack/react-query";
import { useRef } from "react";
import { useNavigate } from "react-router";

import { api, unwrap } from "../../api/client";
import type { RunDetail } from "../../api/types";

/** Stores the run of an archive, and opens its page; a run that is here already is opened too. */
export function useImportRun() {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (archive: File) =>
      unwrap(
        api.POST("/api/v1/runs/imports", {
          headers: { "Content-Type": "application/zip" },
          // The schema knows a ZIP as a string of bytes; the file is sent as it is.
          body: archive as unknown as string,
          bodySerializer: (body) => body as unknown as Blob,
        }),
      ),
    onSuccess: (run) => void navigate(`/runs/${run.id}`),
  });
}

/** Asks for the archive of a run. */
export function ImportRunButton({ importing }: { importing: UseMutationResult<RunDetail, Error, File> }) {
  const reset = useRef<() => void>(null);
  const send = (archive: File | null) => {
    // The same file can be chosen again when it was mended.
    reset.current?.();
    if (archive !== null) {
      importing.mutate(archive);
    }
  };
  return (
    <FileButton accept=".zip,application/zip" onChange={send} resetRef={reset}>
      {(props) => (
        <Button {...props} variant="default" loading={importing.isPending} title="Add a run of another service: its “Whole run as ZIP”, under Artifacts of its page">
          Import a run
        </Button>
      )}
    </FileButton>
  );
}
