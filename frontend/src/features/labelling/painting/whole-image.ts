import { TINY_PX } from "../engine/answer-check";
import type { Component } from "../engine/components";
import type { Edit } from "../engine/edit";
import { SOURCE, type Source } from "../engine/label-map";
import { fillHoles, removeIslands, replaceClass } from "../engine/mending";
import { acceptPlace, acceptProposal, mostUncertain } from "../engine/proposal";
import type { PaintWork } from "./load-work";
import type { PaintState } from "./paint-state";

/** What is done to the whole image at once, each as one step. */
export interface WholeImage {
  takeAll: () => void;
  /** Take the chosen class of the proposal. */
  takeClass: () => void;
  /** Take the proposal in one queried place; nothing where there is none. */
  takePlace: (place: Component | undefined) => void;
  empty: () => void;
  fillHoles: () => void;
  removeIslands: () => void;
  /** Make the class that was chosen before the chosen one. */
  replaceLast: () => void;
}

/** What can be done to the whole image as the state says; `onStep` is told of each that changed something. */
export function wholeImage(work: PaintWork, state: PaintState, onStep: () => void): WholeImage {
  const { painter, proposal, queried } = work;
  const { map } = painter;
  const most = mostUncertain(state.certainty);
  const act = (id: number, source: Source, paint: (edit: Edit) => void) => {
    if (painter.act(id, source, paint)) {
      onStep();
    }
  };
  const take = (paint: (edit: Edit) => void) => act(map.ignoreId, SOURCE.model, paint);
  const mend = (paint: (edit: Edit) => void) => act(state.classId, SOURCE.person, paint);
  return {
    takeAll: () => take((edit) => acceptProposal(edit, proposal, most, map.bounds)),
    takeClass: () => take((edit) => acceptProposal(edit, proposal, most, map.bounds, state.classId)),
    takePlace: (place) => place !== undefined && take((edit) => acceptPlace(edit, proposal, most, place.runs)),
    empty: () =>
      act(map.ignoreId, SOURCE.none, (edit) => {
        for (let row = 0; row < map.height; row++) {
          edit.span(row, 0, map.width);
        }
      }),
    fillHoles: () => mend(fillHoles),
    removeIslands: () => mend((edit) => removeIslands(edit, TINY_PX, queried)),
    replaceLast: () => state.classId !== state.lastClassId && mend((edit) => replaceClass(edit, state.lastClassId, map.bounds)),
  };
}
