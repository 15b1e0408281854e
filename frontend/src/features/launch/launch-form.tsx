import { SegmentedControl, SimpleGrid, Stack } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useReducer, useState } from "react";

import { ApiError } from "../../api/api-error";
import { ConfigForm } from "./config-form";
import { changedDraft, draftOf, type JsonDocument } from "./draft";
import { faultsByField } from "./launch-faults";
import { LaunchBar } from "./launch-bar";
import { verdictQuery } from "./launch-queries";
import { RawEditor } from "./raw-editor";
import { fieldPointers, type Section } from "./schema-form";
import { VerdictPanel } from "./verdict-panel";

interface LaunchFormProps {
  form: Section;
  start: JsonDocument;
  /** Values where the document is silent; null where there is no preset. */
  preset: unknown;
  name: string;
  tags?: readonly string[];
}

const OPEN_FIRST = ["/dataset", "/stream"];
const VIEWS = [
  { value: "form", label: "Form" },
  { value: "text", label: "YAML or JSON" },
];

/** The document as form and as text, with the service's verdict beside it. */
export function LaunchForm({ form, start, preset, name, tags = [] }: LaunchFormProps) {
  const [draft, change] = useReducer(changedDraft, start, draftOf);
  const [open, setOpen] = useState(OPEN_FIRST);
  const [view, setView] = useState("form");
  const [isMistyped, setMistyped] = useState<ReadonlySet<string>>(new Set());
  const [asked] = useDebouncedValue(draft.document, 350);
  const verdict = useQuery(verdictQuery(asked));
  const faults = useMemo(() => {
    const found = verdict.error instanceof ApiError ? verdict.error.faults : [];
    return faultsByField(found, fieldPointers(form));
  }, [verdict.error, form]);
  const noteTyping = (pointer: string, isWrong: boolean) =>
    setMistyped((before) => {
      if (before.has(pointer) === isWrong) {
        return before;
      }
      const after = new Set(before);
      return isWrong ? after.add(pointer) : (after.delete(pointer), after);
    });
  const isReady = draft.textFault === null && isMistyped.size === 0 && verdict.error === null && asked === draft.document;
  return (
    <Stack gap="md">
      <LaunchBar document={draft.document} name={name} tags={tags} isReady={isReady && !verdict.isPending} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: "start" }}>
        <Stack gap="sm" miw={0}>
          <SegmentedControl data={VIEWS} value={view} onChange={setView} aria-label="view of the document" />
          {view === "form" ? (
            <ConfigForm
              open={open}
              onOpen={setOpen}
              form={form}
              draft={draft}
              preset={verdict.data?.resolved ?? preset}
              faults={faults}
              onChange={change}
              onTyping={noteTyping}
            />
          ) : (
            <RawEditor draft={draft} onChange={(text) => change({ type: "write", text })} />
          )}
        </Stack>
        <VerdictPanel query={verdict} others={faults.others} isStale={asked !== draft.document || verdict.isFetching} />
      </SimpleGrid>
    </Stack>
  );
}
