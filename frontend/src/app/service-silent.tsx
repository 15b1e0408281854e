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
    "This page could not be loaded because the service does not answer. The browser tries again every few seconds and opens the page as soon as the service answers. Nothing is lost: runs continue without this page.",
});

const GONE = new ApiError({
  title: "This page could not be loaded",
  status: 0,
  detail: "The service answers, but a file of this page is missing. The service was probably updated since you opened it. “Try again” loads the new version.",
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
