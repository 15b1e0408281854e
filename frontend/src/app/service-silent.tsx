import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { ApiError } from "../api/api-error";
import { api, unwrap } from "../api/client";
import { Problem } from "../components/problem";

const ASK_MS = 3000;

const SILENT = new ApiError({
  title: "The service does not answer",
  status: 0,
  detail:
    "This page was not opened before and could not be fetched. It is tried again every few seconds and comes by itself once the service answers. Nothing is lost: runs go on without this page.",
});

const GONE = new ApiError({
  title: "A part of the pages cannot be fetched",
  status: 0,
  detail: "The service answers, but not with this page. Perhaps it was changed meanwhile; loading everything anew helps then.",
});

interface ServiceSilentProps {
  /** Called once the service answers. */
  onBack: () => void;
  /** Called when the page is asked for by hand though the service answers. */
  onRetry: () => void;
  askMs?: number;
}

/** Stands in for a page that could not be fetched, and waits for the service. */
export function ServiceSilent({ onBack, onRetry, askMs = ASK_MS }: ServiceSilentProps) {
  const health = useQuery({
    queryKey: ["health"],
    retry: false,
    gcTime: 0,
    refetchInterval: askMs,
    queryFn: async ({ signal }) => unwrap(api.GET("/healthz", { signal })),
  });
  const isBack = health.isSuccess;
  useEffect(() => {
    if (isBack) {
      onBack();
    }
  }, [isBack, onBack]);
  if (isBack) {
    return <Problem error={GONE} onRetry={onRetry} />;
  }
  return <Problem error={SILENT} onRetry={() => void health.refetch()} />;
}
