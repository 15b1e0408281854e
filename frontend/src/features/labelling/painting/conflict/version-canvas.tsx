import { useEffect, useRef } from "react";

import type { ClassLabel } from "../../../../api/types";
import { colourTable } from "../../engine/overlay";
import { inflated, intersection, type Rect } from "../../engine/rect";
import type { Difference, Version } from "../../engine/versions";
import type { PaintWork } from "../load-work";
import { styleOf } from "../paint-state";

const MARGIN_PX = 24;
const OPACITY = 0.6;

interface VersionCanvasProps {
  work: PaintWork;
  version: Version;
  difference: Difference;
  label: string;
}

/** A part of the picture with the labels of one version. */
export function VersionCanvas({ work, version, difference, label }: VersionCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { query, picture, painter } = work;
  const part = intersection(inflated(difference.rect, MARGIN_PX), painter.map.bounds);
  const [width, height] = [part.right - part.left, part.bottom - part.top];
  useEffect(() => {
    const context = canvas.current?.getContext("2d") ?? null;
    if (context === null) {
      return;
    }
    context.drawImage(picture, part.left, part.top, width, height, 0, 0, width, height);
    const labels = new OffscreenCanvas(width, height);
    const drawn = new ImageData(width, height);
    fill(new Uint32Array(drawn.data.buffer), version.ids, query.width, part, colours(query.classes, query.ignore_id));
    labels.getContext("2d")?.putImageData(drawn, 0, 0);
    context.globalAlpha = OPACITY;
    context.drawImage(labels, 0, 0);
    context.globalAlpha = 1;
  });
  return <canvas ref={canvas} role="img" aria-label={label} width={width} height={height} className="version-canvas" />;
}

function colours(classes: readonly ClassLabel[], ignoreId: number): Uint32Array {
  return colourTable(styleOf({ isOutline: false, hidden: new Set() }, classes), ignoreId);
}

function fill(pixels: Uint32Array, ids: Uint8Array, imageWidth: number, { left, top, right, bottom }: Rect, table: Uint32Array): void {
  const width = right - left;
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      pixels[(row - top) * width + column - left] = table[ids[row * imageWidth + column] ?? 0] ?? 0;
    }
  }
}
