import { useEffect, useReducer, useState } from "react";

import type { StageDetail } from "../../../api/types";
import type { Versions } from "./conflict/read-versions";
import { type AnswerFault, answerFaults } from "../engine/answer-check";
import { SOURCE } from "../engine/label-map";
import type { Rect } from "../engine/rect";
import { ToolBox } from "../engine/tool-box";
import { layVersion } from "../engine/versions";
import { centred, fitted, showing, type Size, type Viewport, zoomedAt } from "../engine/viewport";
import { useAssistant } from "./assistant/use-assistant";
import { keptState, useKeptSettings } from "./kept-settings";
import type { PaintWork } from "./load-work";
import { modeOf, type PaintAction, reduce } from "./paint-state";
import { PlaceClock } from "./place-effort";
import { placeAt, stepOf, stops } from "./places";
import { PointerTrack } from "./pointer-track";
import { useSaving } from "./use-saving";
import { useSending } from "./use-sending";
import { useSuperpixels } from "./use-superpixels";
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
  const [clock] = useState(() => new PlaceClock(work.places, work.regions));
  const [tools] = useState(
    () => new ToolBox(painter, { picture: work.pixels, proposal: work.proposal }, state, (id) => change({ type: "picked", id }), (place) => clock.click(place)),
  );
  const assistant = useAssistant(query, state.tool === "assistant");
  const superpixels = useSuperpixels(query, state.grain, state.tool === "superpixel", tools);
  const clicks = () => work.clicks + tools.clicks;
  const { saver, state: saveState } = useSaving(work, { author, clicks, regions: () => clock.efforts });
  useEffect(() => track.listen(() => track.place !== null && clock.visit(track.place)), [track, clock]);
  useEffect(() => track.listen(() => tools.hover(track.place)), [track, tools]);
  useEffect(() => clock.tick(seconds), [clock, seconds]);
  useKeptSettings(state, query.classes);
  useEffect(() => {
    saver.spend(work.seconds + seconds);
    tools.choose(state);
    tools.help(assistant.active);
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
    superpixels,
    assistant,
    ...takingMasks(tools, change, stepped),
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
    /** What this browser kept and has not laid over the map yet. */
    kept: saver.kept,
    /** Two versions were compared; for each difference one of them counts. */
    resolve: ({ differences, revision, ...versions }: Versions, sides: readonly ("here" | "elsewhere")[]) => {
      painter.act(query.ignore_id, SOURCE.none, (edit) =>
        differences.forEach((difference, index) => layVersion(edit, difference, versions[sides[index] ?? "here"])),
      );
      differences.forEach(({ rect }) => painter.unsaved.add(rect));
      void saver.resolved(revision).then(drawAgain);
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

/** What takes the assistant's mask. */
function takingMasks(tools: ToolBox, change: (action: PaintAction) => void, stepped: () => void) {
  /** Take the mask, with a class or the chosen one. Returns whether there was one to take. */
  const acceptMask = (id?: number) => {
    const isStep = tools.acceptMask(id);
    if (isStep) {
      stepped();
    }
    return isStep;
  };
  /** The key of a class: it takes the mask too, if there is one. */
  const chooseClass = (id: number) => {
    acceptMask(id);
    change({ type: "class", id });
  };
  return { acceptMask, chooseClass };
}

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
