import { Skeleton, Stack } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { isMissing } from "../api/api-error";
import { Problem } from "./problem";

interface QueryFaceProps<Data> {
  query: UseQueryResult<Data>;
  /** Height of the grey lines that stand in while the answer is on its way. */
  height?: number;
  /** What stands there when the address names nothing; without it, that is a problem like another. */
  missing?: ReactNode;
  children: (data: Data) => ReactNode;
}

/** Shows a query: grey lines while it loads, the problem when it fails, else its data, which stays while it is asked anew. */
export function QueryFace<Data>({ query, height = 160, missing, children }: QueryFaceProps<Data>) {
  if (query.data !== undefined) {
    return children(query.data);
  }
  if (missing !== undefined && isMissing(query.error)) {
    return missing;
  }
  if (query.error) {
    return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  }
  return (
    <Stack gap="xs" role="group" aria-busy="true" aria-label="loading">
      <Skeleton height={20} width="40%" />
      <Skeleton height={height} />
    </Stack>
  );
}
