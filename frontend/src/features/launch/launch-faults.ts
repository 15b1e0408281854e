import type { FaultEntry } from "../../api/types";
import { isWithin } from "../../lib/json-pointer";

const DOCUMENT = "/document";

/** Something said about the document, with its place in it. */
export interface Remark {
  /** Inside the document. */
  pointer: string;
  message: string;
  code: string;
}

/** Faults or warnings by the part of the form that they belong to. */
export interface RemarksByPart {
  of: (pointer: string) => readonly Remark[];
  /** What to show beside a control: a remark inside its value says where. */
  textsOf: (pointer: string) => readonly string[];
  /** How many belong to any of these parts. */
  count: (parts: readonly string[]) => number;
  /** Those about the document as a whole, or about something else of the request. */
  others: readonly FaultEntry[];
}

/** Lay remarks beside the deepest part that holds their place: a control, or the section of an unknown key. */
export function remarksByPart(entries: readonly FaultEntry[], parts: readonly string[]): RemarksByPart {
  const deepestFirst = [...parts].sort((one, other) => other.length - one.length);
  const byPart = new Map<string, Remark[]>();
  const others: FaultEntry[] = [];
  for (const entry of entries) {
    const pointer = documentPointer(entry);
    const part = pointer === null ? undefined : deepestFirst.find((candidate) => isWithin(pointer, candidate));
    if (pointer === null || part === undefined) {
      others.push(entry);
    } else {
      byPart.set(part, [...(byPart.get(part) ?? []), { pointer, message: entry.message, code: entry.code }]);
    }
  }
  const of = (pointer: string) => byPart.get(pointer) ?? [];
  return {
    of,
    textsOf: (pointer) => of(pointer).map((remark) => placeText(remark.pointer, pointer) + remark.message),
    count: (wanted) => wanted.reduce((sum, part) => sum + of(part).length, 0),
    others,
  };
}

function placeText(pointer: string, part: string): string {
  return pointer === part ? "" : `${pointer.slice(part.length)}: `;
}

/** Where in the document a fault of the request is; null where it is elsewhere. */
export function documentPointer(entry: FaultEntry): string | null {
  const isInside = entry.source === "body" && isWithin(entry.pointer, DOCUMENT);
  return isInside ? entry.pointer.slice(DOCUMENT.length) : null;
}
