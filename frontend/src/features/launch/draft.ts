import { type Document, isAlias, isScalar, parseDocument, stringify, visit, type YAMLParseError } from "yaml";

import { isObject, pointerParts, valueAt, withValueAt } from "../../lib/json-pointer";
import type { Field } from "./schema-field";

export type JsonDocument = Record<string, unknown>;

/** Why a text cannot be read, and where, counted from 1; the line is null where the whole is meant. */
export interface TextFault {
  message: string;
  line: number | null;
}

/** The experiment document in the making: as data for the form, as text for the editor. */
export interface Draft {
  document: JsonDocument;
  text: string;
  /** Why the text cannot be read; then the document is the last one that could. */
  textFault: TextFault | null;
}

export type DraftChange =
  | { type: "set"; pointer: string; value: unknown; without?: readonly string[] }
  | { type: "write"; text: string }
  | { type: "discard" }
  | { type: "replace"; document: JsonDocument };

const STYLE = { flowCollectionPadding: false, lineWidth: 110 };

/** A draft that begins with a document. */
export function draftOf(document: JsonDocument): Draft {
  return { document, text: textOf(document), textFault: null };
}

/** Form and text in step: whichever is edited, the other follows. */
export function changedDraft(draft: Draft, change: DraftChange): Draft {
  switch (change.type) {
    case "replace":
      return draftOf(change.document);
    case "discard":
      return draftOf(draft.document);
    case "set":
      return withSettings(draft, change.pointer, change.value, change.without ?? []);
    case "write":
      return read(draft, change.text);
  }
}

/** The draft with one value set, and without what stands at other places. */
function withSettings(draft: Draft, pointer: string, value: unknown, without: readonly string[]): Draft {
  const gone = without.filter((other) => valueAt(draft.document, other) !== undefined);
  return gone.reduce((changed, other) => withSetting(changed, other, undefined), withSetting(draft, pointer, value));
}

function withSetting(draft: Draft, pointer: string, value: unknown): Draft {
  const document = withValueAt(draft.document, pointer, value);
  return { document, text: editedText(draft.text, pointer, value) ?? textOf(document), textFault: null };
}

/** The text with one value replaced and everything else, comments too, as it was; null where the text has no room for it. */
function editedText(text: string, pointer: string, value: unknown): string | null {
  const parsed = parseDocument(text);
  try {
    if (value === undefined) {
      parsed.deleteIn(pointerParts(pointer));
    } else {
      parsed.setIn(pointerParts(pointer), parsed.createNode(value));
    }
  } catch {
    return null;
  }
  return written(parsed);
}

function read(draft: Draft, text: string): Draft {
  const parsed = parseDocument(text);
  const fault = parsed.errors[0];
  if (fault !== undefined) {
    return { ...draft, text, textFault: textFaultOf(fault) };
  }
  try {
    const document: unknown = parsed.toJS();
    if (isObject(document) && !Array.isArray(document)) {
      return { document, text, textFault: null };
    }
    return { ...draft, text, textFault: { message: "a mapping with method, dataset, stream is expected", line: null } };
  } catch (error) {
    // Aliases that unfold without end, or that name nothing.
    return { ...draft, text, textFault: { message: error instanceof Error ? error.message : String(error), line: null } };
  }
}

function textFaultOf(fault: Pick<YAMLParseError, "message" | "linePos">): TextFault {
  const [first = fault.message] = fault.message.split("\n");
  return { message: first.replace(/ at line \d+, column \d+:?$/, ""), line: fault.linePos?.[0].line ?? null };
}

/** What a field stands at: what the document says, else what its preset says, else the published value. */
export function valueOfField(draft: Draft, preset: unknown, field: Field): unknown {
  const fromDocument = valueAt(draft.document, field.pointer);
  if (fromDocument !== undefined) {
    return fromDocument;
  }
  const fromPreset = valueAt(preset, field.pointer);
  return fromPreset === undefined ? field.published : fromPreset;
}

function textOf(document: JsonDocument): string {
  return written(parseDocument(stringify(document)));
}

/** YAML with short lists on one line. */
function written(parsed: Document): string {
  visit(parsed, {
    Seq: (_, list) => {
      if (list.items.every((item) => isScalar(item) || isAlias(item))) {
        list.flow = true;
      }
    },
  });
  return parsed.toString(STYLE);
}
