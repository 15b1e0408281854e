import type { FaultEntry } from "../../api/types";
import { isWithin } from "../../lib/json-pointer";

const DOCUMENT = "/document";

/** Faults of a request by the field of the form that they belong to. */
export interface FaultsByField {
  of: (pointer: string) => readonly string[];
  /** How many there are inside a section. */
  countWithin: (pointer: string) => number;
  /** Those that no field of the form shows. */
  others: readonly FaultEntry[];
}

/** Lay faults beside fields: a fault inside a field's value belongs to the field. */
export function faultsByField(faults: readonly FaultEntry[], fields: readonly string[]): FaultsByField {
  const inDocument = faults.map((fault) => ({ fault, pointer: documentPointer(fault) }));
  const messages = new Map<string, string[]>();
  const others: FaultEntry[] = [];
  for (const { fault, pointer } of inDocument) {
    const owner = pointer === null ? undefined : fields.find((field) => isWithin(pointer, field));
    if (owner === undefined || pointer === null) {
      others.push(fault);
    } else {
      const place = pointer === owner ? "" : `${pointer.slice(owner.length)}: `;
      messages.set(owner, [...(messages.get(owner) ?? []), place + fault.message]);
    }
  }
  return {
    of: (pointer) => messages.get(pointer) ?? [],
    countWithin: (pointer) => inDocument.filter((entry) => entry.pointer !== null && isWithin(entry.pointer, pointer)).length,
    others,
  };
}

function documentPointer(fault: FaultEntry): string | null {
  const isInside = fault.source === "body" && isWithin(fault.pointer, DOCUMENT);
  return isInside ? fault.pointer.slice(DOCUMENT.length) : null;
}
