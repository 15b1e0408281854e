import type { ReactNode } from "react";

import type { PredictedImage } from "../../api/types";

/** A picture with drawings over it, which say what they show. */
export function Layers({ image, children }: { image: PredictedImage; children: ReactNode }) {
  return (
    <div className="panel-layers">
      <img src={image.picture} alt="" loading="lazy" className="panel-picture pixels" />
      {children}
    </div>
  );
}
