import type { MouseEvent } from "react";

/** What a click within the table meant. */
export interface RowClick {
  runId: string;
  kind: "select" | "range" | "tag" | "do";
  /** The tag, or what is to be done. */
  value: string;
  /** Where a plain click on a link leads. */
  address?: string;
}

/** Read a click by the element that it hit; null where it means nothing, or is the browser's own business. */
export function clickOf(event: MouseEvent<HTMLElement>): RowClick | null {
  const target = event.target instanceof Element ? event.target : null;
  const runId = target?.closest<HTMLElement>("[data-run]")?.dataset.run;
  if (target === null || runId === undefined) {
    return null;
  }
  const link = target.closest("a");
  if (link !== null) {
    return linkClick(event, runId, link);
  }
  const { tag, do: verb } = target.closest<HTMLElement>("[data-tag], [data-do]")?.dataset ?? {};
  if (tag !== undefined || verb !== undefined) {
    return { runId, kind: tag === undefined ? "do" : "tag", value: tag ?? verb ?? "" };
  }
  if (target.closest(".col-select") !== null) {
    return { runId, kind: event.shiftKey ? "range" : "select", value: "" };
  }
  return null;
}

function linkClick(event: MouseEvent, runId: string, link: HTMLAnchorElement): RowClick | null {
  // With a key held the browser opens a tab or a window.
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) {
    return null;
  }
  event.preventDefault();
  return { runId, kind: "do", value: "open", address: link.getAttribute("href") ?? "" };
}
