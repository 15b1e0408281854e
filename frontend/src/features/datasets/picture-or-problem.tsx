import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { errorOfAnswer } from "../../api/api-error";
import { Problem } from "../../components/problem";

interface PictureOrProblemProps {
  src: string;
  alt: string;
  /** What lies over the picture. */
  children?: ReactNode;
}

/** A picture of the service; where there is none, the reason that the service gives. */
export function PictureOrProblem({ src, alt, children }: PictureOrProblemProps) {
  const [isBroken, setIsBroken] = useState(false);
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
  if (isBroken && reason.error !== null) {
    return <Problem error={reason.error} onRetry={() => setIsBroken(false)} />;
  }
  return (
    <>
      <img src={src} alt={alt} onError={() => setIsBroken(true)} />
      {children}
    </>
  );
}
