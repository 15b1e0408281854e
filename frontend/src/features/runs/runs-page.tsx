import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { Link, useSearchParams } from "react-router";

import { methodsQuery } from "../../api/queries";
import { Icon } from "../../components/icon";
import { Problem } from "../../components/problem";
import { formatCount } from "../../lib/format";
import { useTitle } from "../../lib/use-title";
import { ExperimentDialog } from "./experiment-dialog";
import { ImportRunButton, useImportRun } from "./import-run";
import { listHeadline } from "./list-headline";
import { NoRuns } from "./no-runs";
import { RunBulkBar } from "./run-bulk-bar";
import { filtersOf, isNarrowed, paramsOf, type RunFilters, sortedBy, widened } from "./run-filters";
import { RunFilterBar } from "./run-filter-bar";
import { runChoicesQuery } from "./run-choices-query";
import { RunGroupTable } from "./run-group-table";
import { RunTable } from "./run-table";
import { RunVerbDialog } from "../../components/run/run-verb-dialog";
import { useRunList } from "./use-run-list";
import { useRunView } from "./use-run-view";

/** Every run, narrowed and ordered as the address says. */
export function RunsPage() {
  useTitle("Runs");
  const [params, setParams] = useSearchParams();
  const filters = useMemo(() => filtersOf(params), [params]);
  const change = useCallback(
    (next: Partial<RunFilters>) => setParams(paramsOf({ ...filters, ...next }), { replace: true }),
    [filters, setParams],
  );
  const list = useRunList(filters);
  const view = useRunView(list.runs, filters, change);
  const choices = useQuery(runChoicesQuery());
  const methods = useQuery(methodsQuery());
  const importing = useImportRun();
  const headline = useMemo(() => listHeadline(list.runs, methods.data?.items ?? []), [list.runs, methods.data]);
  const isEmpty = list.runs.length === 0 && !list.isLoading && !list.isReadingMore && list.error === null;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Group align="baseline" gap="sm">
          <Title order={1} size="h3">
            Runs
          </Title>
          <Text size="sm" c="dimmed" aria-live="polite">
            {list.total !== null && formatCount(list.total, "run")}
          </Text>
        </Group>
        {view.selected.length > 0 && (
          <RunBulkBar runs={view.selected} isBusy={view.isBusy} onAsk={view.ask} onClear={view.clearSelection} />
        )}
        <Group gap="xs">
          <ImportRunButton importing={importing} />
          <Button component={Link} to="/launch" leftSection={<Icon name="launch" />}>
            Launch a run
          </Button>
        </Group>
      </Group>
      {importing.error !== null && <Problem error={importing.error} />}
      <RunFilterBar filters={filters} choices={choices.data} onChange={change} />
      {list.error && <Problem error={list.error} onRetry={list.retry} />}
      {isEmpty && <NoRuns isNarrowed={isNarrowed(filters)} onWiden={() => change(widened(filters))} />}
      {!isEmpty && filters.group !== null && <RunGroupTable filters={filters} by={filters.group} onChange={change} />}
      {!isEmpty && filters.group === null && (
        <RunTable
          headline={headline}
          runs={list.runs}
          total={list.total}
          isLoading={list.isLoading}
          order={filters}
          selected={view.selectedIds}
          activeId={view.activeId}
          onSort={(sort) => change(sortedBy(filters, sort, headline))}
          onSelectAll={view.selectAll}
          onClick={view.click}
          onEnd={list.hasMore ? list.readMore : null}
        />
      )}
      <RunVerbDialog asked={view.asked} onConfirm={view.confirm} onClose={view.closeQuestion} />
      <ExperimentDialog experimentId={view.editedId} knownTags={choices.data?.tags ?? []} onClose={view.closeEditor} />
    </Stack>
  );
}
