import { useEffect, useRef } from "react";

import { paintLabel } from "./label-colours";

interface LabelPictureProps {
  src: string;
  alt: string;
  /** Raw id -> #rrggbb. */
  colours: ReadonlyMap<number, string>;
}

/** A label of raw ids, painted with the classes' colours. */
export function LabelPicture({ src, alt, colours }: LabelPictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const image = new Image();
    image.onload = () => {
      const target = canvas.current;
      const context = target?.getContext("2d", { willReadFrequently: true });
      if (target === null || context == null) {
        return;
      }
      target.width = image.naturalWidth;
      target.height = image.naturalHeight;
      context.drawImage(image, 0, 0);
      const drawn = context.getImageData(0, 0, target.width, target.height);
      paintLabel(drawn.data, colours);
      context.putImageData(drawn, 0, 0);
    };
    image.src = src;
    return () => {
      image.onload = null;
    };
  }, [src, colours]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={alt}
      className="pixels"
      style={{ width: "100%", maxHeight: 260, objectFit: "contain" }}
    />
  );
}
