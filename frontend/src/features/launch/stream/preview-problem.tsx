import type { UseQueryResult } from "@tanstack/react-query";

import { ApiError } from "../../../api/api-error";
import type { StreamPreview } from "../../../api/types";
import { Problem } from "../../../components/problem";

/** Why the images of a stream cannot be counted; faults of the document stand beside their fields. */
export function PreviewProblem({ preview }: { preview: UseQueryResult<StreamPreview> }) {
  const { error } = preview;
  return error instanceof ApiError && error.status !== 422 ? <Problem error={error} onRetry={() => void preview.refetch()} /> : null;
}
