import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import { useIdempotencyKey } from "../../../api/idempotency-key";
import type { MatrixResult, RunMatrix } from "../../../api/types";

/** What a matrix expands to, without creating anything; the expansion before stays meanwhile. */
export function useExpansion(body: RunMatrix | null) {
  return useQuery<MatrixResult>({
    queryKey: ["run-matrix", body],
    enabled: body !== null,
    staleTime: 10_000,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => unwrap(api.POST("/api/v1/run-matrices", { params: { query: { dry_run: true } }, body: body ?? NOTHING, signal })),
  });
}

/** Starts a matrix; the same one sent again starts nothing more. */
export function useStartMatrix() {
  const client = useQueryClient();
  const keyOf = useIdempotencyKey();
  return useMutation({
    mutationFn: (body: RunMatrix): Promise<MatrixResult> => unwrap(api.POST("/api/v1/run-matrices", { params: { header: { "Idempotency-Key": keyOf(body) } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["runs"] }),
  });
}

/** Never sent: the query waits for a body. */
const NOTHING: RunMatrix = { methods: [], overrides: [], seeds: [], tags: [], notes: "" };
