import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { type IndexMap, readIndexMap } from "../../../lib/index-map";

interface MapCanvasProps {
  src: string;
  alt: string;
  /** Writes RGBA bytes; a new function draws anew. */
  paint: (pixels: Uint8ClampedArray, map: IndexMap) => void;
}

/** A map of numbers, painted over the picture that it belongs to; a word where it cannot be read. */
export function MapCanvas({ src, alt, paint }: MapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  // What lies at such an address never changes.
  const map = useQuery({
    queryKey: ["index-map", src] as const,
    staleTime: Infinity,
    gcTime: 60_000,
    queryFn: () => readIndexMap(src),
  });
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context == null || map.data === undefined) {
      return;
    }
    Object.assign(context.canvas, { width: map.data.width, height: map.data.height });
    const drawn = context.createImageData(map.data.width, map.data.height);
    paint(drawn.data, map.data);
    context.putImageData(drawn, 0, 0);
  }, [map.data, paint]);
  if (map.isError) {
    return <span className="map-fault">{alt}: cannot be read</span>;
  }
  return <canvas ref={canvas} role="img" aria-label={alt} aria-busy={map.isPending} className="map-canvas pixels" />;
}
