import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";

interface ImagesAsked {
  runs: readonly string[];
  experiments: readonly string[];
  /** Null for the images without a domain, or of the first one. */
  domain: string | null;
  /** Null for the last step of each member. */
  step: number | null;
}

/** The test images of a domain that all members have predicted, with every prediction. */
export function compareImagesQuery({ runs, experiments, domain, step }: ImagesAsked) {
  return queryOptions({
    queryKey: ["compared-images", runs, experiments, domain, step] as const,
    staleTime: 10_000,
    queryFn: ({ signal }) => {
      const query = { runs: [...runs], experiments: [...experiments], ...(domain !== null && { domain }), ...(step !== null && { step }) };
      return unwrap(api.GET("/api/v1/compare/images", { params: { query }, signal }));
    },
  });
}
