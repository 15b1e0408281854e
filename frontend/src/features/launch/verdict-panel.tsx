import { Alert, Code, List, Loader, Stack, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";

import { ApiError } from "../../api/api-error";
import type { ExperimentVerdict, FaultEntry } from "../../api/types";
import { DeviationTable } from "../../components/deviation-table";
import { Icon } from "../../components/icon";
import { Panel } from "../../components/panel";
import { Problem } from "../../components/problem";
import { formatCount } from "../../lib/format";
import type { DocumentView } from "./document-editor";
import { PlanPreview } from "./plan-preview";
import { RemarkLinks } from "./remark-links";
import { type Unreadable, unreadableTitle } from "./unreadable";
import { VerdictReady } from "./verdict-ready";

interface VerdictPanelProps {
  query: UseQueryResult<ExperimentVerdict>;
  /** Whether the verdict is about an older state of the document. */
  isStale: boolean;
  /** What is on the screen and cannot be read: the verdict is not about it. */
  unreadable: readonly Unreadable[];
  view: DocumentView;
  /** Shows the field of a place in the document. */
  onShow: (pointer: string) => void;
}

/** What the service says about the document: faults, or the plan and the differences from the publication. */
export function VerdictPanel({ query, isStale, unreadable, view, onShow }: VerdictPanelProps) {
  const { data, error } = query;
  const isRefusal = error instanceof ApiError && error.faults.length > 0;
  return (
    <Stack gap="md" aria-live="polite" className="verdict" tabIndex={0}>
      {unreadable.length > 0 && <NotRead unreadable={unreadable} />}
      {isRefusal && <Refusal error={error} isStale={isStale} view={view} onShow={onShow} />}
      {error !== null && !isRefusal && <Problem error={error} onRetry={() => void query.refetch()} />}
      {error === null && unreadable.length === 0 && <VerdictReady verdict={data} isStale={isStale} />}
      {data !== undefined && error === null && (
        <>
          <Warnings warnings={data.warnings ?? []} onShow={onShow} />
          <Panel title="Plan" hint={planHint(data, unreadable.length > 0)}>
            <PlanPreview verdict={data} />
          </Panel>
          <Panel title="Differences from the publication">
            <DeviationTable deviations={data.deviations} />
          </Panel>
        </>
      )}
    </Stack>
  );
}

function Warnings({ warnings, onShow }: { warnings: readonly FaultEntry[]; onShow: VerdictPanelProps["onShow"] }) {
  if (warnings.length === 0) {
    return null;
  }
  return (
    <Alert color="orange" variant="light" icon={<Icon name="failed" />} title={formatCount(warnings.length, "warning")}>
      <Text size="sm">You can launch it anyway.</Text>
      <RemarkLinks entries={warnings} onShow={onShow} />
    </Alert>
  );
}

function Refusal({ error, isStale, view, onShow }: Pick<VerdictPanelProps, "isStale" | "view" | "onShow"> & { error: ApiError }) {
  return (
    <Alert
      color="red"
      variant="light"
      icon={isStale ? <Loader size={14} color="red" /> : <Icon name="failed" />}
      title={`${formatCount(error.faults.length, "problem")} to fix`}
      tabIndex={-1}
      data-fault
    >
      <Text size="sm">
        {view === "form" ? "Each is also shown beside its field. Click a path to go to the field." : "Click a path to go to its field in the form."}
      </Text>
      <RemarkLinks entries={error.faults} onShow={onShow} />
    </Alert>
  );
}

function NotRead({ unreadable }: { unreadable: readonly Unreadable[] }) {
  return (
    <Alert color="red" variant="light" icon={<Icon name="failed" />} title={`Not ready to launch: ${unreadableTitle(unreadable)}`}>
      <Text size="sm">Fix it, then launch. What stands below is about the last text that could be read.</Text>
      <List size="sm" mt="xs">
        {unreadable.map(({ place, message }) => (
          <List.Item key={place}>
            <Code>{place}</Code> {message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function planHint(verdict: ExperimentVerdict, isOld: boolean): string {
  const noun = verdict.plan[0]?.noun ?? "step";
  const images = verdict.is_scanned
    ? "images counted from the dataset"
    : `the images of each ${noun} are counted when the first stage begins`;
  return isOld ? `of the last text that could be read; ${images}` : images;
}
