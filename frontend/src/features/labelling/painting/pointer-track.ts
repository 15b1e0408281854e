import { useSyncExternalStore } from "react";

import type { Point } from "../engine/rect";

/** Where the pointer is in the image, for whatever follows it; told apart from the page, which is not drawn anew for each move. */
export class PointerTrack {
  private at: Point | null = null;
  private isCross = false;
  private readonly listeners = new Set<() => void>();

  /** Place in the image; null where the pointer is elsewhere. */
  get place(): Point | null {
    return this.at;
  }

  /** Whether the arrow keys moved it last: then a cross shows where it is. */
  get isByKeys(): boolean {
    return this.isCross;
  }

  /** It is here now. */
  move(place: Point | null, isByKeys = false): void {
    // A pointer that leaves the canvas does not take the cross of the keys along.
    if (place === null && this.isCross) {
      return;
    }
    this.at = place;
    this.isCross = isByKeys;
    this.listeners.forEach((listener) => listener());
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** The place of the pointer, with a new drawing for each move. */
export function usePlace(track: PointerTrack): Point | null {
  return useSyncExternalStore(track.listen, () => track.place);
}
