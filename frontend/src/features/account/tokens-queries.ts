import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import type { components } from "../../api/generated/schema";
import { PAGE_SIZE } from "../../api/queries";
import type { SignedIn } from "../../api/session";

export type TokenSummary = components["schemas"]["TokenSummary"];
export type Scope = components["schemas"]["Scope"];

const SCOPES: Readonly<Record<SignedIn["role"], readonly Scope[]>> = {
  annotator: ["read", "annotate"],
  researcher: ["read", "write", "annotate"],
  admin: ["read", "write", "annotate", "admin"],
};

/** What a token of somebody may be good for. */
export function scopesOf(role: SignedIn["role"]): readonly Scope[] {
  return SCOPES[role];
}

/** One's own tokens that work, the newest first. */
export function tokensQuery() {
  return queryOptions({
    queryKey: ["tokens"] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/tokens", { params: { query: { limit: PAGE_SIZE } }, signal })),
  });
}

/** Makes a token; its secret is in this answer alone. */
export function createToken(body: { name: string; scopes: Scope[]; days: number }) {
  return unwrap(api.POST("/api/v1/tokens", { body }));
}

/** Ends a token. */
export function revokeToken(tokenId: string) {
  return unwrap(api.DELETE("/api/v1/tokens/{token_id}", { params: { path: { token_id: tokenId } } }));
}
