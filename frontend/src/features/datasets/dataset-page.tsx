import { Alert, Anchor, Breadcrumbs, Code, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { isMissing } from "../../api/api-error";
import type { DatasetDetail } from "../../api/types";
import { EmptyState } from "../../components/empty-state";
import { Icon } from "../../components/icon";
import { NoSuch } from "../../components/no-such";
import { Panel } from "../../components/panel";
import { QueryFace } from "../../components/query-face";
import { LOOKS } from "../../components/state-looks";
import { formatMoment } from "../../lib/format";
import { useTitle } from "../../lib/use-title";
import { ClassTable } from "./class-table";
import { DatasetActions } from "./dataset-actions";
import "./dataset-page.css";
import { datasetQuery, nextLookMs } from "./dataset-queries";
import { DatasetState } from "./dataset-state";
import { placeOf } from "./dataset-text";
import { FaultReport } from "./fault-report";
import { ImageBrowser } from "./image-browser";
import { SplitTable } from "./split-table";

/** One dataset: what its scan found, and its images. */
export function DatasetPage() {
  const { datasetId = "" } = useParams();
  const dataset = useQuery({
    ...datasetQuery(datasetId),
    refetchInterval: ({ state }) => !isMissing(state.error) && nextLookMs(state.data === undefined ? [] : [state.data]),
  });
  useTitle(dataset.data === undefined ? "Dataset" : `${dataset.data.name}, ${LOOKS[dataset.data.state].text}`);
  return (
    <Stack gap="md">
      <Breadcrumbs separator="›" fz="sm">
        <Anchor component={Link} to="/datasets" size="sm">
          Datasets
        </Anchor>
      </Breadcrumbs>
      <QueryFace query={dataset} height={320} missing={<NoSuch noun="dataset" id={datasetId} />}>
        {(detail) => (
          <>
            <DatasetHeader dataset={detail} />
            {detail.scanned_at === null ? <NotScanned dataset={detail} /> : <ScannedDataset dataset={detail} />}
          </>
        )}
      </QueryFace>
    </Stack>
  );
}

function DatasetHeader({ dataset }: { dataset: DatasetDetail }) {
  return (
    <Group justify="space-between" align="flex-start">
      <Stack gap={4} miw={0} flex="1 1 320px">
        <Group gap="sm">
          <Title order={1} size="h3" className="break-words">
            {dataset.name}
          </Title>
          <DatasetState dataset={dataset} size="lg" />
        </Group>
        <Text size="sm" c="dimmed" className="break-words">
          {placeOf(dataset.spec)}
        </Text>
        {dataset.scanned_at !== null && (
          <Text size="xs" c="dimmed" className="break-words">
            scanned {formatMoment(dataset.scanned_at)}, version <Code title={dataset.digest ?? ""}>{dataset.digest?.slice(0, 12)}</Code>
          </Text>
        )}
      </Stack>
      <DatasetActions dataset={dataset} />
    </Group>
  );
}

function NotScanned({ dataset }: { dataset: DatasetDetail }) {
  if (dataset.state === "failed") {
    return <ScanFailure dataset={dataset} />;
  }
  return (
    <EmptyState title={dataset.is_waiting ? "Waiting for a worker to scan" : "A worker is reading every file"}>
      {dataset.is_waiting ? (
        <>
          The scan starts as soon as a worker is free. A worker that is training finishes its stage first. The page{" "}
          <Anchor component={Link} to="/workers" size="sm">
            Workers
          </Anchor>{" "}
          shows what each worker does.
        </>
      ) : (
        "The report appears here by itself. A worker reads about a hundred images per second."
      )}
    </EmptyState>
  );
}

function ScannedDataset({ dataset }: { dataset: DatasetDetail }) {
  return (
    <>
      {dataset.state === "failed" && <ScanFailure dataset={dataset} />}
      <FaultReport dataset={dataset} />
      <Panel title="Splits" hint="Images that each split lists, and what the scan found in their files">
        <SplitTable splits={dataset.splits} />
      </Panel>
      <ClassTable dataset={dataset} />
      <ImageBrowser dataset={dataset} />
    </>
  );
}

function ScanFailure({ dataset }: { dataset: DatasetDetail }) {
  return (
    <Alert color="red" variant="light" icon={<Icon name="failed" />} title="The dataset could not be scanned" role="alert">
      <Text size="sm" className="break-words">
        {dataset.message}
      </Text>
      <Text size="sm" mt={4}>
        {dataset.scanned_at === null
          ? "Fix the problem, then scan again."
          : "The report below is from the previous scan. Fix the problem, then scan again."}
      </Text>
    </Alert>
  );
}
