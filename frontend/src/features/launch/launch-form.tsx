import { Alert, Button, Group, SimpleGrid, Stack } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";

import { ApiError } from "../../api/api-error";
import type { MethodSummary } from "../../api/types";
import { Problem } from "../../components/problem";
import { useAddressed } from "../../lib/address";
import { useKeys } from "../../lib/keys";
import { beginningOf } from "./beginning";
import { DocumentEditor, type DocumentView } from "./document-editor";
import { focusFirstFault } from "./focus-fault";
import type { WantedField } from "./form-view";
import { LaunchBar } from "./launch-bar";
import { LaunchLabels } from "./launch-labels";
import { useVerdict } from "./launch-queries";
import { readSeeds } from "../../lib/seeds";
import { unreadableOf } from "./unreadable";
import { useFollowingName } from "./use-following-name";
import { useLaunch } from "./use-launch";
import { type LaunchStart, useLaunchDraft } from "./use-launch-draft";
import { useMistyped } from "./use-mistyped";
import { VerdictPanel } from "./verdict-panel";

interface LaunchFormProps {
  methods: readonly MethodSummary[];
  start: LaunchStart;
  /** Told what the document begins with now; keep the function. */
  onFollow?: (followed: Followed) => void;
}

/** What the document of a form begins with now, which may be another preset or method than where it came from. */
export interface Followed {
  origin: string;
  beginning: string;
}

const CHECK_WAIT_MS = 350;
/** The document as form and as text, with the service's verdict beside it. */
export function LaunchForm({ methods, start, onFollow }: LaunchFormProps) {
  const { draft, change, labels, setLabels, isRestored, startOver, forget } = useLaunchDraft(start);
  const { view, setView, wanted, showField } = useDocumentView();
  const { mistyped, noteTyping } = useMistyped();
  const container = useRef<HTMLDivElement>(null);
  const [asked] = useDebouncedValue(draft.document, CHECK_WAIT_MS);
  const verdict = useVerdict(asked, start.branch);
  const first = beginningOf(start.document, methods) ?? "";
  const beginning = beginningOf(draft.document, methods) ?? first;
  useFollowingName({ beginning, first, firstName: start.name, name: labels.name, onName: (name) => setLabels({ ...labels, name }) });
  const { origin } = start;
  useEffect(() => onFollow?.({ origin, beginning }), [onFollow, origin, beginning]);
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
      launch({ ...labels, document: draft.document, seeds: seeds.values, clonedFrom: start.clonedFrom, branch: start.branch });
    } else {
      focusFirstFault(container.current);
    }
  };
  useKeys({ "mod+Enter": go }, "always");
  useEffect(() => {
    if (isRefusal(mutation.error)) {
      focusFirstFault(container.current);
    }
  }, [mutation.error]);
  return (
    <Stack gap="md" ref={container}>
      <LaunchLabels labels={labels} onLabels={setLabels} verdict={verdict.data} faults={entries} isSeedFixed={start.branch !== undefined} />
      {isRefusal(refusal) && <Problem error={refusal} />}
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
        <DocumentEditor
          view={view}
          onView={setView}
          beginning={beginning}
          draft={draft}
          onChange={change}
          verdict={verdict.data}
          faults={entries}
          warnings={isCurrent && verdict.error === null ? (verdict.data?.warnings ?? []) : []}
          mistyped={mistyped}
          onTyping={noteTyping}
          wanted={wanted}
        />
        <VerdictPanel query={verdict} isStale={!isCurrent || verdict.isFetching} unreadable={unreadable} view={view} onShow={showField} />
      </SimpleGrid>
      <LaunchBar
        seeds={seeds}
        plan={verdict.data?.plan.filter((stage) => stage.step > (start.branch?.afterStep ?? -1))}
        faultCount={entries.length}
        unreadable={unreadable}
        error={isRefusal(refusal) ? null : refusal}
        isPending={mutation.isPending}
        canLaunch={canLaunch}
        onLaunch={go}
      />
    </Stack>
  );
}

/** Which view of the document is shown, and which of its fields was asked for. */
function useDocumentView() {
  const [view, showView] = useAddressed<DocumentView>("view", "form", ["form", "text"]);
  const [wanted, want] = useState<WantedField | null>(null);
  const show = (chosen: DocumentView, field: WantedField | null) => {
    showView(chosen);
    want(field);
  };
  return { view, wanted, setView: (chosen: DocumentView) => show(chosen, null), showField: (pointer: string) => show("form", { pointer }) };
}

function isRefusal(error: Error | null): error is ApiError {
  return error instanceof ApiError && error.faults.length > 0;
}
