import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { ColumnTitles } from "../../../components/column-titles";
import { QueryFace } from "../../../components/query-face";
import { TallTable } from "../../../components/tall-table";
import { formatMoment } from "../../../lib/format";
import { auditTrailQuery } from "./review-queries";
import { eventText, whoText } from "./trail-words";

/** Who opened, saved, answered, skipped and reviewed a query, and what was trained on it; the oldest first. */
export function QueryTrail({ queryId }: { queryId: string }) {
  const trail = useQuery(auditTrailQuery(queryId));
  return (
    <QueryFace query={trail} height={80}>
      {({ entries }) =>
        entries.length === 0 ? (
          <Text size="xs" c="dimmed">
            Nothing has happened to it yet.
          </Text>
        ) : (
          <TallTable rows={entries.length} minWidth={420} maxHeight={320} wholeRows={12}>
            <Table fz="xs" verticalSpacing={3} aria-label="history of the query">
              <ColumnTitles titles={["when", "who", "what", "note"]} />
              <Table.Tbody>
                {entries.map((entry, index) => (
                  <Table.Tr key={index}>
                    <Table.Td>{formatMoment(entry.at)}</Table.Td>
                    <Table.Td className="break-words">{whoText(entry.who)}</Table.Td>
                    <Table.Td>{eventText(entry)}</Table.Td>
                    <Table.Td className="break-words">{entry.message ?? ""}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TallTable>
        )
      }
    </QueryFace>
  );
}
