import { Alert, Anchor, Breadcrumbs, Button, Group, List, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link, useSearchParams } from "react-router";

import type { Comparison } from "../../api/types";
import { EmptyState } from "../../components/empty-state";
import { QueryFace } from "../../components/query-face";
import { formatCount } from "../../lib/format";
import { useTitle } from "../../lib/use-title";
import { type CompareAddress, compareAddressOf, comparePath, FEWEST, MOST } from "./compare-address";
import { ComparedTablesPanel } from "./compared-tables-panel";
import { ImagesPanel } from "./images/images-panel";
import { MemberPanel } from "./member-panel";
import { RefusedComparison } from "./refused-comparison";
import { CurvesPanel } from "./curves/curves-panel";
import { comparisonQuery, isOpen, runsOf } from "./results-queries";
import { SettingsPanel } from "./settings-panel";
import { SummaryPanel } from "./summary-panel";
import "./results.css";

/** Runs and experiments side by side, as the address names them. */
export function ComparePage() {
  useTitle("Compare");
  const [params] = useSearchParams();
  const address = useMemo(() => compareAddressOf(params), [params]);
  const query = useQuery({ ...comparisonQuery(address), placeholderData: keepPreviousData });
  const named = address.runs.length + address.experiments.length;
  return (
    <Stack gap="md">
      <Breadcrumbs separator="›" fz="sm">
        <Anchor component={Link} to="/runs" size="sm">
          Runs
        </Anchor>
        <Text size="sm">compare</Text>
      </Breadcrumbs>
      <Title order={1} size="h3">
        Compare {named > 0 && named}
      </Title>
      {named < FEWEST ? (
        <TooFew />
      ) : query.error !== null ? (
        <RefusedComparison error={query.error} address={address} onRetry={() => void query.refetch()} />
      ) : (
        <QueryFace query={query} height={320}>
          {(comparison) => <ComparisonView comparison={comparison} address={address} />}
        </QueryFace>
      )}
    </Stack>
  );
}

function TooFew() {
  return (
    <EmptyState title="Choose what to compare">
      Select {FEWEST} to {MOST} runs in the <Link to="/runs">list of runs</Link> and press Compare (V).
    </EmptyState>
  );
}

function ComparisonView({ comparison, address }: { comparison: Comparison; address: CompareAddress }) {
  const { dataset, stream, split, warnings } = comparison;
  // A base line changes no curve, and so asks for none anew.
  const curvesOf = useMemo(() => ({ runs: address.runs, experiments: address.experiments }), [address.runs, address.experiments]);
  return (
    <>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {dataset} · {stream}
          {split !== null && ` · tested on ${split}`}
        </Text>
        <ExperimentsLink comparison={comparison} />
      </Group>
      {warnings.length > 0 && (
        <Alert color="yellow" variant="light" title={formatCount(warnings.length, "remark")}>
          <List size="sm">
            {warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <MemberPanel comparison={comparison} address={address} />
      <SummaryPanel comparison={comparison} address={address} />
      <ComparedTablesPanel comparison={comparison} address={address} />
      <CurvesPanel of={curvesOf} isOpen={isOpen(runsOf(comparison))} hasMeans={comparison.members.some(({ runs }) => runs.length > 1)} />
      <ImagesPanel comparison={comparison} runs={address.runs} experiments={address.experiments} />
      <SettingsPanel comparison={comparison} address={address} />
    </>
  );
}

/** From single runs to the means of their experiments. */
function ExperimentsLink({ comparison: { members } }: { comparison: Comparison }) {
  const experiments = [...new Set(members.map(({ digest }) => digest))];
  if (experiments.length < FEWEST || members.every(({ kind }) => kind === "experiment")) {
    return null;
  }
  return (
    <Button component={Link} to={comparePath({ experiments })} size="xs" variant="default" title="All seeds of the same configurations">
      Compare means over seeds
    </Button>
  );
}
