import { useQuery } from "@tanstack/react-query";

import { errorOfAnswer } from "../../api/api-error";

/** Why the service gives no picture at an address; asked only of one that is broken. */
export function usePictureProblem(src: string, isBroken: boolean): Error | null {
  const reason = useQuery({
    queryKey: ["picture-problem", src] as const,
    enabled: isBroken,
    staleTime: 0,
    retry: false,
    queryFn: async ({ signal }): Promise<null> => {
      // An image element does not tell what the service answered, so it is asked once more.
      const response = await fetch(new Request(new URL(src, globalThis.location.origin), { signal }));
      if (!response.ok) {
        throw errorOfAnswer(await response.json(), response);
      }
      return null;
    },
  });
  return isBroken ? reason.error : null;
}
