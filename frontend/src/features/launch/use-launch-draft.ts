import { useEffect, useReducer, useRef, useState } from "react";

import { changedDraft, type Draft, type DraftChange, draftOf, type JsonDocument } from "./draft";
import { forgetDraft, saveDraft, savedDraft } from "./saved-draft";

/** What is said about a launch beside its document, as typed. */
export interface Labels {
  name: string;
  tags: string[];
  notes: string;
  seeds: string;
}

/** Where a form begins. `origin` names it, so that what is typed comes back to it and to no other. */
export interface LaunchStart {
  origin: string;
  document: JsonDocument;
  name: string;
  tags: readonly string[];
  notes: string;
  /** The experiment that is copied; null where a preset or a method begins. */
  clonedFrom: string | null;
  /** The run whose first steps are shared; undefined for a run of its own. */
  branch?: BranchStart;
}

/** Where a run is to branch from another one. */
export interface BranchStart {
  runId: string;
  /** The last step that is shared. */
  afterStep: number;
  /** Of the run, and so of the branch. */
  seed: number;
}

/** Everything that is typed into a launch form; it outlives a reload of the page. */
export function useLaunchDraft(start: LaunchStart) {
  const [saved] = useState(() => savedDraft(start.origin));
  const [isRestored, setRestored] = useState(saved !== null);
  const [draft, change] = useReducer(changedDraft, start, () => firstDraft(start, saved?.text));
  const [labels, setLabels] = useState<Labels>(() => saved ?? firstLabels(start));
  const isLaunched = useRef(false);
  const untouched = useRef(JSON.stringify([draftOf(start.document).text, firstLabels(start)]));
  useEffect(() => {
    const { name, tags, notes, seeds } = labels;
    const isUntouched = JSON.stringify([draft.text, { name, tags, notes, seeds }]) === untouched.current;
    if (isUntouched) {
      forgetDraft(start.origin);
    } else if (!isLaunched.current) {
      saveDraft(start.origin, { text: draft.text, name, tags, notes, seeds });
    }
  }, [draft.text, labels, start.origin]);
  const startOver = () => {
    change({ type: "replace", document: start.document });
    setLabels(firstLabels(start));
    setRestored(false);
  };
  const forget = () => {
    isLaunched.current = true;
    forgetDraft(start.origin);
  };
  return { draft, change, labels, setLabels, isRestored, startOver, forget };
}

function firstLabels({ name, tags, notes, branch }: LaunchStart): Labels {
  return { name, tags: [...tags], notes, seeds: String(branch?.seed ?? 0) };
}

function firstDraft(start: LaunchStart, savedText: string | undefined): Draft {
  const change: DraftChange = savedText === undefined ? { type: "discard" } : { type: "write", text: savedText };
  return changedDraft(draftOf(start.document), change);
}
