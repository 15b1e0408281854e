import { useState } from "react";
import { useNavigate } from "react-router";

import type { RunSummary } from "../../api/types";
import { type RunVerb, VERBS } from "../../components/run/run-verbs";
import { useKeys } from "../../lib/keys";
import type { RowClick } from "./row-click";
import type { RunFilters } from "./run-filters";
import { allToggled, NOTHING_SELECTED, rangedTo, toggled } from "./run-selection";
import { useRunBatch } from "./use-run-batch";

/** What a reader has selected, come to and asked for in the list. */
export function useRunView(runs: readonly RunSummary[], filters: RunFilters, change: (next: Partial<RunFilters>) => void) {
  const navigate = useNavigate();
  const batch = useRunBatch();
  const [selection, setSelection] = useState(NOTHING_SELECTED);
  const [activeId, setActiveId] = useState<string | null>(null);
  const [asked, setAsked] = useState<{ verb: RunVerb; runs: readonly RunSummary[] } | null>(null);
  const [editedId, setEditedId] = useState<string | null>(null);
  const active = runs.find((run) => run.id === activeId) ?? null;
  const order = () => runs.map((run) => run.id);

  const perform = (verb: RunVerb, chosen: readonly RunSummary[]) => {
    setAsked(null);
    setSelection(NOTHING_SELECTED);
    batch.mutate({ verb, runs: chosen });
  };
  const ask = (verb: RunVerb, chosen: readonly RunSummary[]) =>
    VERBS[verb].warning === null && chosen.length === 1 ? perform(verb, chosen) : setAsked({ verb, runs: chosen });
  const click = (run: RunSummary, { kind, value }: RowClick) => {
    setActiveId(run.id);
    if (kind === "select" || kind === "range") {
      setSelection(kind === "select" ? toggled(selection, run.id) : rangedTo(selection, order(), run.id));
    } else if (kind === "tag") {
      change({ tags: [...new Set([...filters.tags, value])] });
    } else if (value === "edit") {
      setEditedId(run.experiment_id);
    } else {
      ask(value as RunVerb, [run]);
    }
  };
  const goBy = (rows: number) => {
    const place = runs.findIndex((run) => run.id === activeId);
    setActiveId(runs[Math.max(0, Math.min(runs.length - 1, place + rows))]?.id ?? null);
  };
  useKeys({
    j: () => goBy(1),
    k: () => goBy(-1),
    x: () => active && setSelection(toggled(selection, active.id)),
    t: () => active && setEditedId(active.experiment_id),
    Enter: () => active && void navigate(`/runs/${active.id}`),
  });
  return {
    // A run that has left the list is no longer selected.
    selected: runs.filter((run) => selection.ids.has(run.id)),
    selectedIds: selection.ids,
    selectAll: () => setSelection(allToggled(selection, order())),
    clearSelection: () => setSelection(NOTHING_SELECTED),
    activeId,
    click,
    asked,
    ask,
    confirm: () => asked && perform(asked.verb, asked.runs),
    closeQuestion: () => setAsked(null),
    isBusy: batch.isPending,
    editedId,
    closeEditor: () => setEditedId(null),
  };
}
