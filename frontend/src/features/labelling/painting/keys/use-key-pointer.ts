import { useRef } from "react";

import { type KeyPress, useKeys } from "../../../../lib/keys";
import type { Point } from "../../engine/rect";
import { centredOn, toImage, toScreen } from "../../engine/viewport";
import type { PaintWork } from "../load-work";
import type { Painting } from "../use-painting";
import { useHeld } from "./use-held";

const FAR = 10;

/** A cross that the arrow keys move over the image, and a key that presses there: the canvas without a mouse. */
export function useKeyPointer(painting: Painting, { query }: PaintWork, isPress: (press: KeyPress) => boolean): void {
  const { tools, track, view, screen, changeView } = painting;
  const isDown = useRef(false);
  const here = (): Point => {
    const at = track.place ?? toImage(view, { x: screen.width / 2, y: screen.height / 2 });
    return inMiddle(Math.min(query.width - 1, Math.max(0, at.x)), Math.min(query.height - 1, Math.max(0, at.y)));
  };
  const move = (dx: number, dy: number) => {
    const { x, y } = here();
    const next = inMiddle(Math.min(query.width - 1, Math.max(0, x + dx)), Math.min(query.height - 1, Math.max(0, y + dy)));
    if (isDown.current) {
      tools.move(next);
    }
    track.move(next, true);
    const seen = toScreen(view, next);
    if (seen.x < 0 || seen.y < 0 || seen.x > screen.width || seen.y > screen.height) {
      changeView((now) => centredOn(next, screen, now.zoom));
    }
  };
  const ways = { Left: [-1, 0], Right: [1, 0], Up: [0, -1], Down: [0, 1] } as const;
  const keys = Object.entries(ways).flatMap(([name, [x, y]]) => [
    [`Arrow${name}`, () => move(x, y)] as const,
    [`shift+Arrow${name}`, () => move(FAR * x, FAR * y)] as const,
  ]);
  useKeys(Object.fromEntries(keys));
  useHeld(isPress, {
    onDown: () => {
      isDown.current = true;
      track.move(here(), true);
      tools.press(here(), false, view.zoom);
      track.move(here(), true);
    },
    onUp: () => {
      isDown.current = false;
      if (tools.release(here())) {
        painting.stepped();
      }
      track.move(here(), true);
    },
  });
}

function inMiddle(x: number, y: number): Point {
  return { x: Math.floor(x) + 0.5, y: Math.floor(y) + 0.5 };
}
