import { SegmentedControl, Stack } from "@mantine/core";

import type { ExperimentVerdict, FaultEntry } from "../../api/types";
import { QueryFace } from "../../components/query-face";
import type { Draft, DraftChange } from "./draft";
import { FormView, type WantedField } from "./form-view";
import { RawEditor } from "./raw-editor";
import type { SectionProps } from "./section-fields";
import type { Mistyped } from "./unreadable";
import { useDocumentForm } from "./use-document-form";

export type DocumentView = "form" | "text";

interface DocumentEditorProps {
  view: DocumentView;
  onView: (view: DocumentView) => void;
  /** What the document begins with; it decides the form. */
  beginning: string;
  draft: Draft;
  onChange: (change: DraftChange) => void;
  verdict: ExperimentVerdict | undefined;
  faults: readonly FaultEntry[];
  warnings: readonly FaultEntry[];
  mistyped: Mistyped;
  onTyping: SectionProps["onTyping"];
  wanted: WantedField | null;
}

const VIEWS: { value: DocumentView; label: string }[] = [
  { value: "form", label: "Form" },
  { value: "text", label: "YAML or JSON" },
];

/** The document as a form or as text. */
export function DocumentEditor({ view, onView, beginning, verdict, onChange, ...rest }: DocumentEditorProps) {
  const { found, waitedFor } = useDocumentForm(beginning);
  return (
    <Stack gap="md" miw={0}>
      <SegmentedControl data={VIEWS} value={view} onChange={onView} aria-label="view of the document" />
      {view === "form" && found === null && <QueryFace query={waitedFor}>{() => null}</QueryFace>}
      {view === "form" && found !== null && (
        <FormView
          key={beginning}
          {...rest}
          form={found.form}
          preset={isOf(verdict, beginning) ? verdict.resolved : found.preset}
          given={found.preset}
          onChange={onChange}
          onShowText={() => onView("text")}
        />
      )}
      {view === "text" && <RawEditor draft={rest.draft} onChange={(text) => onChange({ type: "write", text })} />}
    </Stack>
  );
}

/** Whether a verdict is about this beginning: the one before stays while the next is waited for. */
function isOf(verdict: ExperimentVerdict | undefined, beginning: string): verdict is ExperimentVerdict {
  return verdict !== undefined && (verdict.preset ?? verdict.method) === beginning;
}
