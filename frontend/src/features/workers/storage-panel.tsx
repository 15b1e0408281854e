import { Code, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { StoragePart, StorageUse } from "../../api/types";
import { Panel } from "../../components/panel";
import { QueryFace } from "../../components/query-face";
import { formatBytes, formatCount, formatMoment, formatPercent, NOTHING } from "../../lib/format";
import { storageQuery } from "./workers-query";

const WHAT: Record<StoragePart["name"], string> = {
  blobs: "Models, memories, images",
  runs: "Working folders of runs",
  cache: "Cache of drawn worlds and scans (rebuilt when needed)",
  database: "Database",
};

/** How much room the service takes, and how much is left. */
export function StoragePanel() {
  const storage = useQuery(storageQuery());
  return (
    <Panel title="Storage" hint={storage.data === undefined ? "" : roomText(storage.data)}>
      <QueryFace query={storage}>{(use) => (use.measured_at === null ? <Measuring /> : <Parts use={use} />)}</QueryFace>
    </Panel>
  );
}

function Measuring() {
  return (
    <Text size="sm" c="dimmed">
      Measuring the folders. The sizes appear here by themselves.
    </Text>
  );
}

function Parts({ use }: { use: StorageUse }) {
  const total = use.parts.reduce((sum, part) => sum + part.bytes, 0);
  return (
    <>
      <Table verticalSpacing={4} maw={560} aria-label="storage">
        <Table.Tbody>
          {use.parts.map((part) => (
            <Table.Tr key={part.name}>
              <Table.Th scope="row" fw={400}>
                {WHAT[part.name]}
              </Table.Th>
              <Table.Td className="number">{part.files === null ? NOTHING : formatCount(part.files, "file")}</Table.Td>
              <Table.Td className="number">{formatBytes(part.bytes)}</Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr fw={600}>
            <Table.Th scope="row">Total</Table.Th>
            <Table.Td />
            <Table.Td className="number">{formatBytes(total)}</Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">
        Measured {formatMoment(use.measured_at)}. <Code>palimpsest admin gc --dry-run</Code> lists files that are no longer
        needed; without <Code>--dry-run</Code> it deletes them.
      </Text>
    </>
  );
}

/** "120 GiB of 1.8 TiB are free (6.5 %)". */
function roomText({ free_bytes, disk_bytes }: StorageUse): string {
  return `${formatBytes(free_bytes)} of ${formatBytes(disk_bytes)} are free (${formatPercent(free_bytes / disk_bytes)} %)`;
}
