import { useSearchParams } from "react-router";

/** What the page shows; it lives in the address. */
export interface MemoryView {
  /** The snapshot after this stage. */
  stageId: string | null;
  classId: number | null;
  itemId: number | null;
  show: (stageId: string, classId: number | null) => void;
  open: (itemId: number | null) => void;
}

/** Reads and writes the address; without a stage in it, the given one. */
export function useMemoryView(defaultStageId: string | null): MemoryView {
  const [params, setParams] = useSearchParams();
  const stageId = params.get("stage") ?? defaultStageId;
  const classId = numberOf(params.get("class"));
  return {
    stageId,
    classId,
    itemId: numberOf(params.get("item")),
    show: (stage, chosen) =>
      setParams({ stage, ...(chosen !== null && { class: String(chosen) }) }, { replace: true, preventScrollReset: true }),
    open: (item) => {
      const next = new URLSearchParams(params);
      if (item === null) {
        next.delete("item");
      } else {
        next.set("item", String(item));
      }
      setParams(next, { replace: true, preventScrollReset: true });
    },
  };
}

function numberOf(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}
