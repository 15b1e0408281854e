import { Anchor, Button, Code, Skeleton, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import type { ArtifactDetail, RunDetail } from "../../api/types";
import { EmptyState } from "../../components/empty-state";
import { Icon } from "../../components/icon";
import { Panel } from "../../components/panel";
import { Problem } from "../../components/problem";
import { formatBytes, formatMoment } from "../../lib/format";
import { at } from "../../lib/place";
import { artifactsQuery } from "./artifacts-query";

/** Files that the stages left behind. */
export function ArtifactList({ run }: { run: RunDetail }) {
  const query = useInfiniteQuery(artifactsQuery(run.id));
  const artifacts = query.data?.pages.flatMap((page) => page.items) ?? [];
  const stageIndex = new Map(run.stages.map((stage) => [stage.id, stage.index]));
  if (query.isPending) {
    return <Skeleton height={160} />;
  }
  if (query.error !== null && query.data === undefined) {
    return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (artifacts.length === 0) {
    return (
      <EmptyState title="No artifact yet">A stage leaves its model, its memory and its reports here when it ends.</EmptyState>
    );
  }
  return (
    <Panel
      title="Artifacts"
      hint="The archive has these, and the run's document, scores, curves and logs."
      actions={
        <Button component="a" href={at(`/api/v1/runs/${run.id}/archive`)} download size="xs" variant="default" leftSection={<Icon name="download" size={14} />}>
          Whole run as ZIP
        </Button>
      }
    >
      <Table.ScrollContainer minWidth={620}>
        <Table fz="sm" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              {["name", "kind", "stage", "size", "SHA-256", "stored", ""].map((title) => (
                <Table.Th key={title}>{title}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {artifacts.map((artifact) => (
              <ArtifactRow key={artifact.id} artifact={artifact} stage={stageIndex.get(artifact.stage_id)} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Panel>
  );
}

function ArtifactRow({ artifact, stage }: { artifact: ArtifactDetail; stage: number | undefined }) {
  return (
    <Table.Tr>
      <Table.Td>{artifact.name}</Table.Td>
      <Table.Td>{artifact.kind}</Table.Td>
      <Table.Td>{stage ?? "?"}</Table.Td>
      <Table.Td className="number">{formatBytes(artifact.bytes)}</Table.Td>
      <Table.Td>
        <Code title={artifact.sha256}>{artifact.sha256.slice(0, 10)}</Code>
      </Table.Td>
      <Table.Td>
        <Text size="xs" c="dimmed">
          {formatMoment(artifact.created_at)}
        </Text>
      </Table.Td>
      <Table.Td>
        <Anchor href={at(`/api/v1/artifacts/${artifact.id}/content`)} download aria-label={`download ${artifact.name}`}>
          <Icon name="download" />
        </Anchor>
      </Table.Td>
    </Table.Tr>
  );
}
