import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useReducer, useState } from "react";

import type { StageDetail } from "../../../api/types";
import { formatCount } from "../../../lib/format";
import { type AnswerFault, answerFaults } from "../engine/answer-check";
import type { Rect } from "../engine/rect";
import { ToolBox } from "../engine/tool-box";
import { centred, fitted, showing, type Size, type Viewport } from "../engine/viewport";
import { labelStageQuery, openQueriesKey, queryToAnswer, submitDraft } from "../labelling-queries";
import { forgetWork } from "./kept-work";
import { layKept, type PaintWork } from "./load-work";
import { modeOf, reduce, startState } from "./paint-state";
import { useSaving } from "./use-saving";

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
  const [state, change] = useReducer(reduce, query.classes, startState);
  const [view, setView] = useState<Viewport | null>(null);
  const [screen, setScreen] = useState<Size>({ width: 1, height: 1 });
  const [faults, setFaults] = useState<readonly AnswerFault[] | null>(null);
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const [tools] = useState(
    () => new ToolBox(painter, { picture: work.pixels, proposal: work.proposal }, state, (id) => change({ type: "class", id })),
  );
  const clicks = () => work.clicks + tools.clicks;
  const { saver, state: saveState } = useSaving(work, { author, clicks });
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
  const base = view ?? fitted(query, screen);
  return {
    state,
    change,
    tools,
    clicks,
    view,
    zoom: base.zoom,
    setScreen,
    changeView: (next: (view: Viewport) => Viewport) => setView((now) => next(now ?? fitted(query, screen))),
    fit: () => setView(null),
    actual: () => setView(centred(query, screen, 1)),
    lookAt: (rect: Rect) => setView(showing(rect, screen)),
    stepped,
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

interface Sending {
  author: string;
  /** The answer is stored; `isComplete` when it was the last of the round. */
  onAnswered: (isComplete: boolean) => void;
  save: () => Promise<boolean>;
  revision: () => number;
}

function useSending(stage: StageDetail, { query }: PaintWork, { author, onAnswered, save, revision }: Sending) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (allowUnsure: boolean) => {
      if (!(await save())) {
        throw new Error("The service has not got all of your work yet; send the answer once it is saved.");
      }
      const submission = await submitDraft(query, { author, allowUnsure, revision: revision() });
      await forgetWork(query.id, author);
      return submission;
    },
    onSuccess: ({ annotation, warnings, closes_at, is_round_closed }) => {
      notifications.show({
        color: warnings.length > 0 ? "yellow" : "teal",
        title: "Answered",
        message: [`${query.image}: ${formatCount(annotation.pixels, "pixel")} labelled, version ${annotation.version}`, ...warnings].join(". "),
      });
      onAnswered(is_round_closed || closes_at !== null);
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: openQueriesKey(stage.id) });
      void client.invalidateQueries({ queryKey: labelStageQuery(stage.id).queryKey });
      void client.invalidateQueries({ queryKey: queryToAnswer(query.id).queryKey });
    },
  });
}
