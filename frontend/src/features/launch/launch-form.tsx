import { Alert, Button, Group, SegmentedControl, SimpleGrid, Stack } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";

import { ApiError } from "../../api/api-error";
import { focusFirstFault } from "./focus-fault";
import { FormView } from "./form-view";
import { LaunchBar } from "./launch-bar";
import { useVerdict } from "./launch-queries";
import { RawEditor } from "./raw-editor";
import type { Section } from "./schema-form";
import { readSeeds } from "./seeds";
import { unreadableOf } from "./unreadable";
import { useLaunch } from "./use-launch";
import { type LaunchStart, useLaunchDraft } from "./use-launch-draft";
import { useMistyped } from "./use-mistyped";
import { VerdictPanel } from "./verdict-panel";

interface LaunchFormProps {
  form: Section;
  start: LaunchStart;
  /** Values where the document is silent; null where there is no preset. */
  preset: unknown;
}

const CHECK_WAIT_MS = 350;
const VIEWS = [
  { value: "form", label: "Form" },
  { value: "text", label: "YAML or JSON" },
];

/** The document as form and as text, with the service's verdict beside it. */
export function LaunchForm({ form, start, preset }: LaunchFormProps) {
  const { draft, change, labels, setLabels, isRestored, startOver, forget } = useLaunchDraft(start);
  const [view, setView] = useState("form");
  const { mistyped, noteTyping } = useMistyped();
  const container = useRef<HTMLDivElement>(null);
  const [asked] = useDebouncedValue(draft.document, CHECK_WAIT_MS);
  const verdict = useVerdict(asked);
  const { mutation, start: launch } = useLaunch(forget);

  // A launch can be refused for what the check did not see: a folder that vanished since, a name that is too long.
  const refusal = mutation.variables?.document === draft.document ? mutation.error : null;
  const faults = [verdict.error, refusal].find((error) => error instanceof ApiError && error.faults.length > 0);
  const entries = faults instanceof ApiError ? faults.faults : [];
  const isCurrent = asked === draft.document;
  const seeds = readSeeds(labels.seeds);
  const unreadable = unreadableOf(draft, mistyped);
  const canLaunch = seeds.fault === null && unreadable.length === 0 && !(isCurrent && isRefusal(verdict.error));
  const go = () => {
    if (canLaunch) {
      launch({ ...labels, document: draft.document, seeds: seeds.values, clonedFrom: start.clonedFrom });
    } else {
      focusFirstFault(container.current);
    }
  };
  useHotkeys([["mod+Enter", go]], [], true);
  useEffect(() => {
    if (isRefusal(mutation.error)) {
      focusFirstFault(container.current);
    }
  }, [mutation.error]);
  return (
    <Stack gap="md" ref={container}>
      <LaunchBar
        labels={labels}
        onLabels={setLabels}
        verdict={verdict.data}
        faults={entries}
        unreadable={unreadable}
        error={refusal}
        isPending={mutation.isPending}
        canLaunch={canLaunch}
        onLaunch={go}
      />
      {isRestored && (
        <Alert color="blue" variant="light" p="xs">
          <Group gap="sm">
            This is what you had typed before.
            <Button size="compact-xs" variant="default" onClick={startOver}>
              Start over
            </Button>
          </Group>
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: "start" }}>
        <Stack gap="md" miw={0}>
          <SegmentedControl data={VIEWS} value={view} onChange={setView} aria-label="view of the document" />
          {view === "form" ? (
            <FormView
              form={form}
              draft={draft}
              preset={verdict.data?.resolved ?? preset}
              faults={entries}
              warnings={isCurrent && verdict.error === null ? (verdict.data?.warnings ?? []) : []}
              onChange={change}
              mistyped={mistyped}
              onTyping={noteTyping}
              onShowText={() => setView("text")}
            />
          ) : (
            <RawEditor draft={draft} onChange={(text) => change({ type: "write", text })} />
          )}
        </Stack>
        <VerdictPanel query={verdict} isStale={!isCurrent || verdict.isFetching} unreadable={unreadable} />
      </SimpleGrid>
    </Stack>
  );
}

function isRefusal(error: Error | null): boolean {
  return error instanceof ApiError && error.faults.length > 0;
}
