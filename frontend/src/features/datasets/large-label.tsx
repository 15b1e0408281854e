import { useState } from "react";

import { LabelPicture } from "../../components/label-picture";
import { Problem } from "../../components/problem";
import { usePictureProblem } from "./use-picture-problem";

interface LargeLabelProps {
  src: string;
  alt: string;
  colours: ReadonlyMap<number, string>;
}

/** The label over an enlarged picture; where it cannot be read, the reason that the service gives. */
export function LargeLabel({ src, alt, colours }: LargeLabelProps) {
  const [tries, setTries] = useState(0);
  const [isBroken, setIsBroken] = useState(false);
  const problem = usePictureProblem(src, isBroken);
  const askAgain = () => {
    setIsBroken(false);
    setTries(tries + 1);
  };
  return (
    <>
      <LabelPicture key={tries} src={src} alt={alt} colours={colours} className="label-overlay" onFault={() => setIsBroken(true)} />
      {problem !== null && (
        <div className="label-problem">
          <Problem error={problem} onRetry={askAgain} />
        </div>
      )}
    </>
  );
}
