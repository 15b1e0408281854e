import type { DragEvent, KeyboardEvent } from "react";

import type { StreamPreview } from "../../../api/types";
import { formatCount, formatNumber } from "../../../lib/format";

export type CountedClass = StreamPreview["classes"][number];

interface ClassChipProps {
  label: CountedClass;
  /** Images of the step that show the class; null where that is not known. */
  images: number | null;
  isSelected: boolean;
  /** Whether the tabulator key comes here; the arrow keys lead on. */
  isReached: boolean;
  isTwice: boolean;
  onToggle: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onDragStart: (event: DragEvent) => void;
}

/** A class that can be selected and moved: its colour, its name, and how many images show it. */
export function ClassChip({ label, images, isSelected, isReached, isTwice, ...events }: ClassChipProps) {
  const count = images ?? label.images;
  const countText = count === null ? "" : `, ${formatCount(count, "image")}`;
  return (
    <button
      type="button"
      className="class-chip"
      data-class-id={label.id}
      data-twice={isTwice || undefined}
      aria-pressed={isSelected}
      aria-invalid={isTwice || undefined}
      aria-label={`${label.name}, class ${label.id}${countText}${isTwice ? ", in two steps" : ""}`}
      title={`class ${label.id}${label.images === null ? "" : `: in ${formatCount(label.images, "training image")}`}`}
      tabIndex={isReached ? 0 : -1}
      draggable
      onClick={events.onToggle}
      onKeyDown={events.onKeyDown}
      onDragStart={events.onDragStart}
    >
      {label.colour !== "" && <span className="class-swatch" style={{ background: label.colour }} aria-hidden="true" />}
      <span className="class-chip-name">{label.name}</span>
      {count !== null && <span className="class-chip-count">{formatNumber(count)}</span>}
    </button>
  );
}
