import { type ReactNode, useState } from "react";

import { Problem } from "../../components/problem";
import { usePictureProblem } from "./use-picture-problem";

interface PictureOrProblemProps {
  src: string;
  alt: string;
  /** What lies over the picture. */
  children?: ReactNode;
}

/** A picture of the service; where there is none, the reason that the service gives. */
export function PictureOrProblem({ src, alt, children }: PictureOrProblemProps) {
  const [isBroken, setIsBroken] = useState(false);
  const problem = usePictureProblem(src, isBroken);
  if (problem !== null) {
    return <Problem error={problem} onRetry={() => setIsBroken(false)} />;
  }
  return (
    <>
      <img src={src} alt={alt} onError={() => setIsBroken(true)} />
      {children}
    </>
  );
}
