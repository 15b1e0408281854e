import { Textarea } from "@mantine/core";

import type { Draft } from "./draft";

/** The document as text; the form follows whatever can be read. */
export function RawEditor({ draft, onChange }: { draft: Draft; onChange: (text: string) => void }) {
  return (
    <Textarea
      label="Experiment document"
      description="YAML, or JSON, which is YAML too; the form follows"
      value={draft.text}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={draft.textFault}
      autosize
      minRows={20}
      maxRows={44}
      spellCheck={false}
      styles={{
        input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13, whiteSpace: "pre", overflowX: "auto" },
      }}
    />
  );
}
