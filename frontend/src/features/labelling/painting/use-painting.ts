import { useEffect, useReducer, useState } from "react";

import type { StageDetail } from "../../../api/types";
import { type AnswerFault, answerFaults } from "../engine/answer-check";
import type { Rect } from "../engine/rect";
import { ToolBox } from "../engine/tool-box";
import { centred, fitted, showing, type Size, type Viewport, zoomedAt } from "../engine/viewport";
import { keptState, useKeptSettings } from "./kept-settings";
import { layKept, type PaintWork } from "./load-work";
import { modeOf, reduce } from "./paint-state";
import { placeAt, stepOf, stops } from "./places";
import { PointerTrack } from "./pointer-track";
import { useSaving } from "./use-saving";
import { useSending } from "./use-sending";
import { wholeImage } from "./whole-image";

interface Person {
  author: string;
  /** Active seconds since the page was opened. */
  seconds: number;
  /** The answer is stored; `isComplete` when it was the last of the round. */
  onAnswered: (isComplete: boolean) => void;
}

/** All that happens while one query is painted: tools, view, saving, sending. */
export function usePainting(stage: StageDetail, work: PaintWork, { author, seconds, onAnswered }: Person) {
  const { painter, query } = work;
  const [state, change] = useReducer(reduce, query.classes, keptState);
  const [faults, setFaults] = useState<readonly AnswerFault[] | null>(null);
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const [track] = useState(() => new PointerTrack());
  const [tools] = useState(
    () => new ToolBox(painter, { picture: work.pixels, proposal: work.proposal }, state, (id) => change({ type: "picked", id })),
  );
  const clicks = () => work.clicks + tools.clicks;
  const { saver, state: saveState } = useSaving(work, { author, clicks });
  useKeptSettings(state, query.classes);
  useEffect(() => {
    saver.spend(work.seconds + seconds);
    tools.choose(state);
    painter.restrict({ mode: modeOf(state), locked: state.locked, editable: work.queried });
  });
  const stepped = () => {
    saver.changed();
    drawAgain();
  };
  const sending = useSending(stage, work, { author, onAnswered, save: () => saver.flush(), revision: () => saver.revision });
  const whole = wholeImage(work, state, stepped);
  return {
    state,
    change,
    tools,
    track,
    clicks,
    ...useView(work, track),
    stepped,
    whole: { ...whole, takePlace: () => track.place !== null && whole.takePlace(placeAt(work.places, track.place)) },
    history: {
      canUndo: painter.history.canUndo,
      canRedo: painter.history.canRedo,
      undo: () => painter.undo() !== null && stepped(),
      redo: () => painter.redo() !== null && stepped(),
    },
    saveState,
    keepMine: () => {
      if (work.conflict !== null) {
        layKept(work, work.conflict);
        work.painter.history.clear();
      }
      void saver.overwrite().then(drawAgain);
    },
    faults,
    sending,
    /** Send the answer; first what it lacks is shown, unless it is sent as it is. */
    submit: (isMeant: boolean) => {
      const found = isMeant ? [] : answerFaults(painter.map, work.queried);
      setFaults(found);
      if (found.length === 0) {
        sending.mutate(isMeant);
      }
    },
  };
}

export type Painting = ReturnType<typeof usePainting>;

/** How the image lies on the screen, and how that is changed. */
function useView({ query, places, painter }: PaintWork, track: PointerTrack) {
  const [chosen, setView] = useState<Viewport | null>(null);
  const [screen, setScreen] = useState<Size>({ width: 1, height: 1 });
  const [stop, setStop] = useState<number | null>(null);
  const view = chosen ?? fitted(query, screen);
  const lookAt = (rect: Rect) => setView(showing(rect, screen));
  return {
    view,
    screen,
    setScreen,
    changeView: (next: (view: Viewport) => Viewport) => setView((now) => next(now ?? fitted(query, screen))),
    fit: () => setView(null),
    actual: () => setView(centred(query, screen, 1)),
    /** Zoom around the pointer, or the middle of the screen. */
    zoomBy: (factor: number) => {
      const { place } = track;
      const middle = place === null ? { x: screen.width / 2, y: screen.height / 2 } : { x: place.x * view.zoom + view.x, y: place.y * view.zoom + view.y };
      setView(zoomedAt(view, middle, view.zoom * factor));
    },
    lookAt,
    /** Go to the next place, or the one before. */
    go: (by: 1 | -1) => {
      const found = stops(places, painter.map);
      const next = stepOf(found.length, stop === null ? null : Math.min(stop, found.length - 1), by);
      setStop(next);
      const place = next === null ? undefined : found[next];
      if (place !== undefined) {
        lookAt(place.rect);
        track.move({ x: (place.runs[0]?.left ?? 0) + 0.5, y: place.rect.top + 0.5 }, true);
      }
    },
  };
}
