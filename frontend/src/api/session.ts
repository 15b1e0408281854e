import { queryOptions, useQuery } from "@tanstack/react-query";

import { hasAccounts } from "../lib/place";
import { api, sendWithChanges, unwrap } from "./client";
import type { components } from "./generated/schema";

export type SessionState = components["schemas"]["SessionState"];
export type SignedIn = components["schemas"]["SignedIn"];

/** Keeps for later requests what an answer about signing in says. */
export function kept(state: SessionState): SessionState {
  sendWithChanges(state.csrf_token);
  return state;
}

/** Who has signed in; asked once, and again after an answer that says nobody has. */
export function sessionQuery() {
  return queryOptions({
    queryKey: ["session"] as const,
    enabled: hasAccounts(),
    staleTime: Infinity,
    gcTime: Infinity,
    queryFn: async ({ signal }) => kept(await unwrap(api.GET("/api/v1/sessions/current", { signal }))),
  });
}

/** Who has signed in; null without accounts, and where nobody has. */
export function usePerson(): SignedIn | null {
  return useQuery(sessionQuery()).data?.user ?? null;
}

/** Whether runs, datasets and workers can be seen and changed: by everybody but annotators. */
export function useMayResearch(): boolean {
  const person = usePerson();
  return !hasAccounts() || (person !== null && person.role !== "annotator");
}
