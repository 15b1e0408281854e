import { useEffect, useRef } from "react";

interface PixelCanvasProps {
  width: number;
  height: number;
  alt: string;
  /** Writes RGBA bytes; a new function draws anew. */
  paint: (pixels: Uint8ClampedArray) => void;
}

/** A picture made of computed pixels. */
export function PixelCanvas({ width, height, alt, paint }: PixelCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context == null) {
      return;
    }
    const image = context.createImageData(width, height);
    paint(image.data);
    context.putImageData(image, 0, 0);
  }, [width, height, paint]);
  return <canvas ref={canvas} width={width} height={height} role="img" aria-label={alt} className="panel-picture pixels" />;
}
