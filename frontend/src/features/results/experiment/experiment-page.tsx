import { Alert, Anchor, Breadcrumbs, Button, Group, List, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link, useParams } from "react-router";

import type { ExperimentResults } from "../../../api/types";
import { CopyableId } from "../../../components/copyable-id";
import { DefinitionFacts, Fact } from "../../../components/fact";
import { Icon } from "../../../components/icon";
import { NoSuch } from "../../../components/no-such";
import { QueryFace } from "../../../components/query-face";
import { formatCount } from "../../../lib/format";
import { useTitle } from "../../../lib/use-title";
import { CurvesPanel } from "../curves/curves-panel";
import { experimentResultsQuery, isOpen } from "../results-queries";
import { reachedText } from "../reached-text";
import { AddSeedsDialog } from "./add-seeds-dialog";
import { ExperimentSummary } from "./experiment-summary";
import { ExperimentTables } from "./experiment-tables";
import { SeedRuns } from "./seed-runs";
import "../results.css";

/** An experiment: all runs of one resolved configuration, and every score over their seeds. */
export function ExperimentPage() {
  const { experimentKey = "" } = useParams();
  const query = useQuery(experimentResultsQuery(experimentKey));
  useTitle(query.data?.name ?? "Experiment");
  return (
    <QueryFace query={query} height={420} missing={<NoSuch noun="experiment" id={experimentKey} />}>
      {(results) => <ExperimentView key={results.digest} results={results} />}
    </QueryFace>
  );
}

function ExperimentView({ results }: { results: ExperimentResults }) {
  const [isAdding, adding] = useDisclosure();
  const of = useMemo(() => ({ experiment: results.digest }), [results.digest]);
  return (
    <Stack gap="md">
      <ExperimentHeader results={results} onAdd={adding.open} />
      {results.warnings.length > 0 && (
        <Alert color="yellow" variant="light" title={formatCount(results.warnings.length, "remark")}>
          <List size="sm">
            {results.warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <ExperimentSummary results={results} />
      <ExperimentTables results={results} />
      <CurvesPanel of={of} isOpen={isOpen(results.runs)} hasMeans={results.seeds.length > 1 || results.runs.length > 1} />
      <SeedRuns results={results} />
      <AddSeedsDialog results={results} isOpen={isAdding} onClose={adding.close} />
    </Stack>
  );
}

function ExperimentHeader({ results, onAdd }: { results: ExperimentResults; onAdd: () => void }) {
  const newest = results.experiment_ids.at(-1) ?? "";
  return (
    <Stack gap="xs">
      <Breadcrumbs separator="›" fz="sm">
        <Anchor component={Link} to="/runs" size="sm">
          Runs
        </Anchor>
        <Text size="sm">experiment</Text>
      </Breadcrumbs>
      <Group justify="space-between" align="flex-start">
        <Group gap="sm">
          <Title order={1} size="h3">
            <bdi>{results.name}</bdi>
          </Title>
          <Text size="xs" c="dimmed" component="span" className="digest">
            digest <CopyableId id={results.digest} name="experiment's digest" />
          </Text>
        </Group>
        <Group gap="xs">
          <Button variant="default" component={Link} to={`/launch?clone=${newest}`} leftSection={<Icon name="clone" size={14} />}>
            Clone
          </Button>
          <Button onClick={onAdd}>Add seeds</Button>
        </Group>
      </Group>
      <Group gap="xs" style={{ columnGap: "var(--mantine-spacing-xl)" }} align="flex-end">
        <DefinitionFacts of={results} />
        <Fact title="tested on">{results.split ?? "not tested yet"}</Fact>
        <Fact title="seeds">{results.seeds.join(", ") || "none tested yet"}</Fact>
        <Fact title="runs">{statesText(results.states)}</Fact>
        <Fact title="stands at">{reachedText(results)}</Fact>
      </Group>
    </Stack>
  );
}

/** How many runs are in each state, such as "2 succeeded, 1 running". */
function statesText(states: ExperimentResults["states"]): string {
  return (
    Object.entries(states)
      .map(([state, count]) => `${count} ${state}`)
      .join(", ") || "none"
  );
}
