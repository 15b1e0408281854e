import { useSearchParams } from "react-router";

import { withValues } from "../../lib/address";
import { filtersOf, type MemoryFilters, numberOf, withFilters } from "./memory-view";

/** What the page shows; it lives in the address. */
export interface MemoryView {
  /** The snapshot after this stage. */
  stageId: string | null;
  filters: MemoryFilters;
  itemId: number | null;
  /** Shows all of a snapshot, or one class of it. */
  show: (stageId: string, classId: number | null) => void;
  narrow: (change: Partial<MemoryFilters>) => void;
  open: (itemId: number | null) => void;
}

/** Reads and writes the address; without a stage in it, the given one. */
export function useMemoryView(defaultStageId: string | null): MemoryView {
  const [params, setParams] = useSearchParams();
  const filters = filtersOf(params);
  const put = (change: (now: URLSearchParams) => URLSearchParams) =>
    setParams(change, { replace: true, preventScrollReset: true });
  return {
    stageId: params.get("stage") ?? defaultStageId,
    filters,
    itemId: numberOf(params.get("item")),
    // A cell counts its class in its snapshot, so that nothing else may narrow what it opens.
    show: (stageId, classId) =>
      put((now) => withFilters(withValues(now, { stage: stageId }), { ...filters, classId, stepAdded: null, source: "" })),
    narrow: (change) => put((now) => withFilters(now, { ...filtersOf(now), ...change })),
    open: (item) => put((now) => withValues(now, { item })),
  };
}
