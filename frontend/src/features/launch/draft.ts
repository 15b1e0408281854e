import { parseDocument, stringify } from "yaml";

import { isObject, valueAt, withValueAt } from "../../lib/json-pointer";
import type { Field } from "./schema-form";

export type JsonDocument = Record<string, unknown>;

/** The experiment document in the making: as data for the form, as text for the editor. */
export interface Draft {
  document: JsonDocument;
  text: string;
  /** Why the text cannot be read; then the document is the last one that could. */
  textFault: string | null;
}

export type DraftChange =
  | { type: "set"; pointer: string; value: unknown }
  | { type: "write"; text: string }
  | { type: "replace"; document: JsonDocument };

/** A draft that begins with a document. */
export function draftOf(document: JsonDocument): Draft {
  return { document, text: textOf(document), textFault: null };
}

/** Form and text in step: whichever is edited, the other follows. */
export function changedDraft(draft: Draft, change: DraftChange): Draft {
  if (change.type === "replace") {
    return draftOf(change.document);
  }
  if (change.type === "set") {
    return draftOf(withValueAt(draft.document, change.pointer, change.value));
  }
  const parsed = parseDocument(change.text);
  const fault = parsed.errors[0];
  if (fault !== undefined) {
    return { ...draft, text: change.text, textFault: fault.message.split("\n")[0] ?? fault.message };
  }
  const document: unknown = parsed.toJS();
  if (!isObject(document) || Array.isArray(document)) {
    return { ...draft, text: change.text, textFault: "a mapping with method, dataset, stream is expected" };
  }
  return { document, text: change.text, textFault: null };
}

/** What a field stands at: what the document says, else what its preset says, else the published value. */
export function valueOfField(draft: Draft, preset: unknown, field: Field): unknown {
  const written = valueAt(draft.document, field.pointer);
  if (written !== undefined) {
    return written;
  }
  const fromPreset = valueAt(preset, field.pointer);
  return fromPreset === undefined ? field.published : fromPreset;
}

function textOf(document: JsonDocument): string {
  return stringify(document, { flowCollectionPadding: false, lineWidth: 110 });
}
