import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { Link, useSearchParams } from "react-router";

import { EmptyState } from "../../components/empty-state";
import { Icon } from "../../components/icon";
import { Problem } from "../../components/problem";
import { formatCount } from "../../lib/format";
import { useTitle } from "../../lib/use-title";
import { filtersOf, isNarrowed, paramsOf, type RunFilters } from "./run-filters";
import { RunFilterBar } from "./run-filter-bar";
import { RunTable } from "./run-table";
import { useRunList } from "./use-run-list";

/** Every run, newest first. */
export function RunsPage() {
  useTitle("Runs");
  const [params, setParams] = useSearchParams();
  const filters = filtersOf(params);
  const list = useRunList(filters);
  const change = (next: Partial<RunFilters>) => setParams(paramsOf({ ...filters, ...next }), { replace: true });
  const isEmpty = list.runs.length === 0 && !list.isLoading && !list.isReadingMore && list.error === null;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Group align="baseline" gap="sm">
          <Title order={1} size="h3">
            Runs
          </Title>
          <Text size="sm" c="dimmed" aria-live="polite">
            {list.isLoading ? "" : `${formatCount(list.runs.length, "run")}${list.hasMore ? " so far; scroll for more" : ""}`}
          </Text>
        </Group>
        <Button component={Link} to="/launch" leftSection={<Icon name="launch" />}>
          Launch a run
        </Button>
      </Group>
      <RunFilterBar filters={filters} onChange={change} />
      {list.error && <Problem error={list.error} onRetry={list.retry} />}
      {isEmpty && isNarrowed(filters) && (
        <EmptyState title="No run fits these filters">
          <Button variant="default" size="xs" mt="xs" onClick={() => setParams({}, { replace: true })}>
            Show every run
          </Button>
        </EmptyState>
      )}
      {isEmpty && !isNarrowed(filters) && (
        <EmptyState title="No run yet">
          Launch one: the preset <b>eir/demo</b> learns six classes in three steps on two CPU cores, in a few minutes and without
          any data set.
        </EmptyState>
      )}
      {!isEmpty && (
        <RunTable
          runs={list.runs}
          isLoading={list.isLoading}
          onEnd={list.hasMore && !list.isReadingMore ? list.readMore : null}
        />
      )}
    </Stack>
  );
}
