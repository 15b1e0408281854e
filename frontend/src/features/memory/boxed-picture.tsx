import { Text } from "@mantine/core";
import { useState } from "react";

interface BoxedPictureProps {
  src: string;
  alt: string;
  /** Width and height of the image that the box refers to; the picture may be smaller. */
  size: readonly number[];
  /** x0, y0, x1, y1. */
  box: readonly number[];
  colour: string;
}

/** A picture with a frame around a part of it, twofold so that it stands out from every picture. */
export function BoxedPicture({ src, alt, size, box, colour }: BoxedPictureProps) {
  const [isMissing, setMissing] = useState(false);
  const [width = 1, height = 1] = size;
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = box;
  const frame = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
  return (
    <div className="boxed-picture" style={{ aspectRatio: `${width} / ${height}`, maxWidth: `min(100%, ${(300 * width) / height}px)` }}>
      {isMissing ? (
        <Text size="xs" c="dimmed" p="xs">
          This image is no longer stored.
        </Text>
      ) : (
        <img src={src} alt={alt} className="pixels" loading="lazy" onError={() => setMissing(true)} />
      )}
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <rect {...frame} className="picture-frame-edge" />
        <rect {...frame} className="picture-frame" stroke={colour} />
      </svg>
    </div>
  );
}
