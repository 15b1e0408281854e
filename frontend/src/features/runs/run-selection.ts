/** Which rows are chosen; `anchor` is where a range begins. */
export interface RunSelection {
  ids: ReadonlySet<string>;
  anchor: string | null;
}

export const NOTHING_SELECTED: RunSelection = { ids: new Set(), anchor: null };

/** Choose a row, or no longer. */
export function toggled(selection: RunSelection, id: string): RunSelection {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) {
    ids.add(id);
  }
  return { ids, anchor: id };
}

/** Choose every row from the anchor to this one, whichever comes first in the list. */
export function rangedTo(selection: RunSelection, order: readonly string[], id: string): RunSelection {
  const from = selection.anchor === null ? -1 : order.indexOf(selection.anchor);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) {
    return toggled(selection, id);
  }
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...selection.ids, ...range]), anchor: id };
}

/** Every row that is shown, or none once all are chosen. */
export function allToggled(selection: RunSelection, order: readonly string[]): RunSelection {
  return order.every((id) => selection.ids.has(id)) ? NOTHING_SELECTED : { ids: new Set(order), anchor: null };
}
