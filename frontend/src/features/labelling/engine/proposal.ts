import type { Run } from "./components";
import type { Edit } from "./edit";
import { floodSpans } from "./flood";
import type { Rect } from "./rect";

/** What the teacher proposes for an image. */
export interface Proposal {
  /** Raw id of each pixel, row by row. */
  ids: Uint8Array;
  /** Its uncertainty of each pixel, 0 to 255; null where it is not known. */
  uncertainty: Uint8Array | null;
}

/** Accept of the proposal what is certain enough.
 *
 * @param edit one whose source is the model; its own id is not used.
 * @param most uncertainty that is still accepted, 0 to 255.
 * @param within of the image.
 * @param id only this class of the proposal; null = all.
 */
export function acceptProposal(edit: Edit, proposal: Proposal, most: number, within: Rect, id: number | null = null): void {
  const { width } = edit.map;
  const isTaken = (at: number) =>
    (id === null || proposal.ids[at] === id) && (proposal.uncertainty === null || (proposal.uncertainty[at] ?? 0) <= most);
  for (let row = within.top; row < within.bottom; row++) {
    let column = within.left;
    while (column < within.right) {
      const left = column;
      while (column < within.right && isTaken(row * width + column)) {
        column++;
      }
      if (column > left) {
        edit.copy(row, left, column, proposal.ids);
      } else {
        column++;
      }
    }
  }
}

/** Accept of the proposal what is certain enough in the runs of a place. */
export function acceptPlace(edit: Edit, proposal: Proposal, most: number, runs: readonly Run[]): void {
  runs.forEach(({ row, left, right }) => acceptProposal(edit, proposal, most, { left, right, top: row, bottom: row + 1 }));
}

/** Accept the connected pixels of one class of the proposal around a pixel, as far as they are certain enough. */
export function acceptComponent(edit: Edit, { ids, uncertainty }: Proposal, start: number, most = 255): void {
  const { width, height } = edit.map;
  const wanted = ids[start];
  const isTaken = (at: number) => ids[at] === wanted && (uncertainty === null || (uncertainty[at] ?? 0) <= most);
  floodSpans(width, height, start, isTaken, (row, left, right) => edit.copy(row, left, right, ids));
}

/** The certainty in percent below which a slider refuses, as the most uncertainty that is accepted, 0 to 255. */
export function mostUncertain(leastPercent: number): number {
  return Math.round(255 * (1 - leastPercent / 100));
}
