import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";

import type { FaultEntry } from "../../api/types";
import { childPointer, isWithin, pointerParts } from "../../lib/json-pointer";
import { ConfigForm, groupsOf } from "./config-form";
import { DatasetPanel } from "./dataset/dataset-panel";
import type { Draft, DraftChange } from "./draft";
import { focusField } from "./field-focus";
import { excludedBy, leftOfPreset } from "./laid-over";
import { remarksByPart } from "./launch-faults";
import { partsOf, type Section } from "./schema-form";
import type { SectionProps } from "./section-fields";
import { FaultList } from "./section-remarks";
import { hasStreamEditor, StreamEditing } from "./stream/stream-editing";
import type { Mistyped } from "./unreadable";

interface FormViewProps {
  form: Section;
  draft: Draft;
  /** What holds where the document is silent. */
  preset: unknown;
  /** What the preset gives before any change; null without a preset. */
  given: unknown;
  faults: readonly FaultEntry[];
  warnings: readonly FaultEntry[];
  onChange: (change: DraftChange) => void;
  /** What controls hold that cannot be read; their groups stay open. */
  mistyped: Mistyped;
  onTyping: SectionProps["onTyping"];
  onShowText: () => void;
  /** The field that is asked for: it gets the focus; a new object asks anew. */
  wanted: WantedField | null;
}

/** A field by its place in the document. */
export interface WantedField {
  pointer: string;
}

/** The document as controls: dataset, task stream, and the method's settings. */
export function FormView({ form, draft, preset, given, faults, warnings, onChange, mistyped, onTyping, onShowText, wanted }: FormViewProps) {
  const [open, setOpen] = useState<string[]>([]);
  const { dataset, stream, others } = useMemo(() => sectionsOf(form), [form]);
  const left = useMemo(() => leftOfPreset(preset, draft.document, form), [preset, draft.document, form]);
  const comparable = useMemo(() => leftOfPreset(given, draft.document, form), [given, draft.document, form]);
  const groups = groupsOf(others);
  const parts = [...(dataset ? partsOf(dataset) : []), ...(stream ? partsOf(stream) : []), ...groups.flatMap(partsOf)];
  const unread = groups.filter((group) => partsOf(group).some((part) => part in mistyped)).map((group) => group.pointer);
  const [answered, setAnswered] = useState<WantedField | null>(null);
  if (wanted !== answered) {
    setAnswered(wanted);
    const holding = wanted === null ? [] : groups.filter((group) => isWithin(wanted.pointer, group.pointer));
    const group = holding.sort((one, other) => other.pointer.length - one.pointer.length)[0];
    setOpen(group === undefined ? open : [...open, group.pointer]);
  }
  const fieldset = useRef<HTMLFieldSetElement>(null);
  useEffect(() => (wanted && fieldset.current ? focusField(fieldset.current, wanted.pointer) : undefined), [wanted]);
  const shared = {
    draft,
    preset: left,
    given: comparable,
    faults: remarksByPart(faults, parts),
    warnings: remarksByPart(warnings, parts),
    onSet: (pointer: string, value: unknown) => onChange(settingChange(form, pointer, value)),
    onTyping,
  };
  const aboutAll = shared.faults.others.filter((fault) => isWithin(fault.pointer, "/document"));
  const remarks = aboutAll.map((fault) => ({ ...fault, pointer: fault.pointer.replace(/^\/document/, "") }));
  return (
    <>
      {draft.textFault !== null && (
        <Alert color="red" variant="light" title="The text cannot be read" role="alert" tabIndex={-1} data-fault>
          <Text size="sm">
            {draft.textFault.line !== null && `Line ${draft.textFault.line}: `}
            {draft.textFault.message}. The form shows the last text that could be read, and cannot be edited until the text is fixed.
          </Text>
          <Group gap="xs" mt="xs">
            <Button size="xs" variant="default" onClick={onShowText}>
              Fix the text
            </Button>
            <Button size="xs" variant="default" onClick={() => onChange({ type: "discard" })}>
              Discard the text
            </Button>
          </Group>
        </Alert>
      )}
      <fieldset ref={fieldset} className="plain-fieldset" disabled={draft.textFault !== null} aria-label="settings">
        <Stack gap="md">
          <FaultList faults={remarks} onSet={shared.onSet} />
          {dataset && (
            <div data-pointer={dataset.pointer} tabIndex={-1}>
              <DatasetPanel section={dataset} {...shared} />
            </div>
          )}
          {stream && (
            <div data-pointer={stream.pointer} tabIndex={-1}>
              <StreamEditing section={stream} dataset={dataset} {...shared} />
            </div>
          )}
          <ConfigForm sections={others} open={[...open, ...unread]} onOpen={setOpen} {...shared} />
        </Stack>
      </fieldset>
    </>
  );
}

/** Dataset and task stream have editors of their own; everything else is drawn from the schema alone. */
function sectionsOf(form: Section) {
  const dataset = form.sections.find((section) => section.pointer === "/dataset");
  const stream = form.sections.find(hasStreamEditor);
  return { dataset, stream, others: form.sections.filter((section) => section !== dataset && section !== stream) };
}

/** A setting takes the place of those that say the same in another way. */
function settingChange(form: Section, pointer: string, value: unknown): DraftChange {
  const [part, key] = pointerParts(pointer);
  const section = form.sections.find(({ name }) => name === part);
  const excluded = section === undefined || key === undefined || value === undefined ? [] : [...excludedBy([key], section.alternatives)];
  return { type: "set", pointer, value, without: excluded.map((other) => childPointer(`/${part ?? ""}`, other)) };
}
