import { SimpleGrid, Stack, Table, Text } from "@mantine/core";

import type { AgreementReport } from "../../../api/types";
import { ColumnTitles } from "../../../components/column-titles";
import { formatCount, formatNumber, formatPercent, formatValue } from "../../../lib/format";

/** How far independent answers agree: in total, by pair of people, and by class, the most disputed one first. */
export function AgreementView({ report }: { report: AgreementReport }) {
  if (report.queries === 0) {
    return (
      <Text size="sm" c="dimmed">
        No query has two independent answers yet. A stream asks for them by the setting <code>overlap</code> of its hand-out.
      </Text>
    );
  }
  return (
    <Stack>
      <Text size="sm">
        Over {formatCount(report.queries, "query", "queries")}: {formatPercent(report.pixel_agreement)} % of the pixels have the same label, mean IoU{" "}
        {formatPercent(report.mean_iou)} %, Fleiss’ κ {formatValue(report.fleiss_kappa)}.
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" style={{ alignItems: "start" }}>
        <PairTable pairs={report.pairs} />
        <ClassTable classes={report.classes} />
      </SimpleGrid>
    </Stack>
  );
}

function PairTable({ pairs }: Pick<AgreementReport, "pairs">) {
  return (
    <Table fz="sm" verticalSpacing={4} aria-label="agreement by pair of people">
      <ColumnTitles titles={["people", "queries", "same label", "mean IoU", "Cohen’s κ"]} />
      <Table.Tbody>
        {pairs.map((pair) => (
          <Table.Tr key={`${pair.first} ${pair.second}`}>
            <Table.Th scope="row" className="break-words">
              {pair.first} and {pair.second}
            </Table.Th>
            <Table.Td>{formatNumber(pair.queries)}</Table.Td>
            <Table.Td>{formatPercent(pair.pixel_agreement)} %</Table.Td>
            <Table.Td>{formatPercent(pair.mean_iou)} %</Table.Td>
            <Table.Td>{formatValue(pair.cohen_kappa)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function ClassTable({ classes }: Pick<AgreementReport, "classes">) {
  const seen = classes.flatMap(({ id, name, iou }) => (iou === null ? [] : [{ id, name, iou }])).sort((one, other) => one.iou - other.iou);
  return (
    <Table fz="sm" verticalSpacing={4} aria-label="agreement by class">
      <ColumnTitles titles={["class", "IoU of the answers"]} />
      <Table.Tbody>
        {seen.map(({ id, name, iou }) => (
          <Table.Tr key={id}>
            <Table.Th scope="row">{name}</Table.Th>
            <Table.Td>{formatPercent(iou)} %</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
