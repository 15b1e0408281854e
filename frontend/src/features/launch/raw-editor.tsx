import { Button, Group, Text, Textarea } from "@mantine/core";
import { useRef } from "react";

import type { Draft } from "./draft";

/** The document as text; the form follows whatever can be read. */
export function RawEditor({ draft, onChange }: { draft: Draft; onChange: (text: string) => void }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const { textFault, text } = draft;
  const line = textFault?.line ?? null;
  return (
    <>
      <Textarea
        ref={area}
        label="Experiment document"
        description="YAML, or JSON, which is YAML too; the form follows"
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={textFault === null ? null : `${line === null ? "" : `line ${line}: `}${textFault.message}`}
        autosize
        minRows={20}
        maxRows={44}
        spellCheck={false}
        styles={{
          input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13, whiteSpace: "pre", overflowX: "auto" },
        }}
      />
      {textFault !== null && (
        <Group gap="sm">
          {line !== null && (
            <Button size="xs" variant="default" onClick={() => selectLine(area.current, line)}>
              Go to line {line}
            </Button>
          )}
          <Text size="xs" c="dimmed">
            The form keeps the last text that could be read.
          </Text>
        </Group>
      )}
    </>
  );
}

function selectLine(area: HTMLTextAreaElement | null, line: number): void {
  const lines = (area?.value ?? "").split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, before) => sum + before.length + 1, 0);
  area?.focus();
  area?.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
}
