import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import type { components } from "../../api/generated/schema";
import { PAGE_SIZE } from "../../api/queries";

export type UserSummary = components["schemas"]["UserSummary"];
export type Role = components["schemas"]["Role"];

export const ROLES: readonly Role[] = ["annotator", "researcher", "admin"];

/** The accounts by name: the first 200, which is more than a laboratory has. */
export function usersQuery() {
  return queryOptions({
    queryKey: ["users"] as const,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/users", { params: { query: { limit: PAGE_SIZE } }, signal })),
  });
}

/** Makes an account. */
export function createUser(body: { name: string; role: Role }) {
  return unwrap(api.POST("/api/v1/users", { body }));
}

/** Changes role or access of an account, as it was read. */
export function patchUser(user: UserSummary, body: { role?: Role; is_disabled?: boolean }) {
  const header = { "if-match": `"${user.revision}"` };
  return unwrap(api.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: user.id }, header }, body }));
}

/** Makes a link that signs somebody in once. */
export function makeLink(user: UserSummary) {
  return unwrap(api.POST("/api/v1/users/{user_id}/links", { params: { path: { user_id: user.id } } }));
}
