import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";

import { api, unwrap } from "../../../../api/client";
import type { QueryAssistant, QueryDetail } from "../../../../api/types";
import { AssistantSession } from "../../engine/assistant-session";
import { decoderClient } from "./decoder-client";
import type { DecoderFiles } from "./decoder-messages";

const LOOK_MS = 2000;

/** How far the assistant is, in this browser too. */
export type AssistantPhase = "off" | "preparing" | "loading" | "ready" | "failed";

/** What the service says of a query's assistant. */
export function queryAssistant(queryId: string) {
  return queryOptions({
    queryKey: ["labelling", "assistant", queryId] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/queries/{query_id}/assistant", { params: { path: { query_id: queryId } }, signal })),
    refetchInterval: ({ state }) => (state.data?.state === "preparing" ? LOOK_MS : false),
  });
}

/** The assistant of one query; nothing is loaded before `isWanted`. */
export function useAssistant(query: QueryDetail, isWanted: boolean) {
  const found = useQuery({ ...queryAssistant(query.id), enabled: isWanted });
  const files = useMemo(() => filesOf(query, found.data), [query, found.data]);
  const decoder = useQuery({
    queryKey: ["labelling", "decoder", files?.decoderUrl, files?.featuresUrl] as const,
    enabled: isWanted && files !== null,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    queryFn: async () => {
      if (files !== null) {
        await decoderClient.open(files);
      }
      return true;
    },
  });
  const [fault, setFault] = useState<string | null>(null);
  const [session] = useState(
    () =>
      new AssistantSession(query, async (question) => {
        try {
          return await decoderClient.ask(question);
        } catch (error) {
          setFault(error instanceof Error ? error.message : String(error));
          return null;
        }
      }),
  );
  const phase = phaseOf(found.data?.state, decoder.isSuccess, fault !== null || found.isError || decoder.isError);
  const active = isWanted && phase === "ready" ? session : null;
  // What was asked is dropped with the tool, or with the query.
  useEffect(() => () => void active?.drop(), [active]);
  const client = useQueryClient();
  const again = useCallback(() => {
    setFault(null);
    void client.invalidateQueries({ queryKey: ["labelling", "assistant", query.id] });
    void client.resetQueries({ queryKey: ["labelling", "decoder"] });
  }, [client, query.id]);
  const message = fault ?? decoder.error?.message ?? found.error?.message ?? found.data?.message ?? null;
  return { session, active, phase, title: found.data?.title ?? null, adapter: found.data?.adapter ?? null, message, again };
}

export type Assistant = ReturnType<typeof useAssistant>;

/** Whether there are masks to choose from; draws anew only when that changes. */
export function useHasChoice(session: AssistantSession): boolean {
  return useSyncExternalStore(session.listen, () => session.hasQuestion && session.candidates.length > 0);
}

/** Draw anew with every change of a session. */
export function useSession(session: AssistantSession): number {
  return useSyncExternalStore(session.listen, () => session.version);
}

function phaseOf(state: QueryAssistant["state"] | undefined, isOpen: boolean, isFaulty: boolean): AssistantPhase {
  if (isFaulty) {
    return "failed";
  }
  return state === "ready" ? (isOpen ? "ready" : "loading") : (state ?? "loading");
}

function filesOf({ width, height }: QueryDetail, assistant: QueryAssistant | undefined): DecoderFiles | null {
  const files = assistant?.files ?? null;
  if (files === null) {
    return null;
  }
  const { decoder_url: decoderUrl, features_url: featuresUrl, has_head: hasHead, image_px: side, rows, columns } = files;
  return { decoderUrl, featuresUrl, hasHead, fit: { width, height, side, rows, columns } };
}
