import { useEffect, useEffectEvent, useRef, useState } from "react";

import { type IndexMap, readIndexMap } from "../lib/index-map";
import { IGNORE_ID, paintClasses, paletteOf } from "../lib/label-colours";

interface LabelPictureProps {
  src: string;
  alt: string;
  /** Raw id -> #rrggbb. */
  colours: ReadonlyMap<number, string>;
  /** Its look; without one it is as high as the pictures beside it may be. */
  className?: string;
  /** Told when the label cannot be read. */
  onFault?: () => void;
}

/** A label of raw ids, painted with the classes' colours; a word where it cannot be read. */
export function LabelPicture({ src, alt, colours, className, onFault }: LabelPictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [unreadable, setUnreadable] = useState<string | null>(null);
  const tell = useEffectEvent(() => {
    setUnreadable(src);
    onFault?.();
  });
  useEffect(() => {
    let isWanted = true;
    const show = ({ width, height, ids }: IndexMap) => {
      const context = canvas.current?.getContext("2d");
      if (!isWanted || context == null) {
        return;
      }
      Object.assign(context.canvas, { width, height });
      const drawn = context.createImageData(width, height);
      paintClasses(drawn.data, ids, paletteOf(colours, null), IGNORE_ID, null);
      context.putImageData(drawn, 0, 0);
    };
    readIndexMap(src).then(show, () => isWanted && tell());
    return () => {
      isWanted = false;
    };
  }, [src, colours]);
  if (unreadable === src) {
    return (
      <span className="label-fault" role="note" aria-label={alt}>
        label cannot be read
      </span>
    );
  }
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={alt}
      className={`pixels ${className ?? ""}`}
      style={className === undefined ? { width: "100%", maxHeight: 260, objectFit: "contain" } : undefined}
    />
  );
}
