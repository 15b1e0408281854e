import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import { loadWork } from "./load-work";

let opened = 0;

/** The work on a query, with the query leased to the person where nobody has it. */
export function workQuery(queryId: string, author: string) {
  return queryOptions({
    queryKey: ["labelling", "work", queryId, author] as const,
    staleTime: Infinity,
    gcTime: 0,
    structuralSharing: false,
    refetchOnWindowFocus: false,
    queryFn: async () => ({ opened: ++opened, work: await loadWork(await leased(queryId, author), author) }),
  });
}

async function leased(queryId: string, author: string) {
  const path = { query_id: queryId };
  const query = await unwrap(api.GET("/api/v1/queries/{query_id}", { params: { path } }));
  return query.state === "open" ? unwrap(api.POST("/api/v1/queries/{query_id}/lease", { params: { path }, body: { author } })) : query;
}
