import { isWithin } from "../../lib/json-pointer";

/** How many frames a group takes to open. */
const FRAMES = 40;

/** The part of the form that is nearest to a place in the document: its control, else the section that holds it. */
export function nearestPart(container: ParentNode, pointer: string): HTMLElement | null {
  const parts = [...container.querySelectorAll<HTMLElement>("[data-pointer]")];
  const holding = parts.filter((part) => isWithin(pointer, part.dataset.pointer ?? ""));
  return holding.sort((one, other) => lengthOf(other) - lengthOf(one))[0] ?? null;
}

/** Brings the part of the form for a place into view and gives it the focus, once its group is open; returns what ends the trying. */
export function focusField(container: ParentNode, pointer: string): () => void {
  let frame = 0;
  const attempt = (left: number) => {
    const part = nearestPart(container, pointer);
    part?.focus({ preventScroll: true });
    const isThere = part !== null && document.activeElement === part;
    if (isThere) {
      part.scrollIntoView({ block: "center" });
    }
    // The head of a group stands in until the group's controls are drawn and can be seen.
    if (left > 0 && (!isThere || part.matches("button[aria-expanded]"))) {
      frame = requestAnimationFrame(() => attempt(left - 1));
    }
  };
  attempt(FRAMES);
  return () => cancelAnimationFrame(frame);
}

function lengthOf(part: HTMLElement): number {
  return part.dataset.pointer?.length ?? 0;
}
