import { ScrollArea, Table, Text } from "@mantine/core";

import type { SplitDetail } from "../../api/types";
import { formatCount, formatNumber, NOTHING } from "../../lib/format";

/** Counts, sizes, kinds of pixels and unknown label values of each split. */
export function SplitTable({ splits }: { splits: readonly SplitDetail[] }) {
  return (
    <ScrollArea type="auto">
      <Table fz="sm" miw={560} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Split</Table.Th>
            <Table.Th className="number">Images</Table.Th>
            <Table.Th className="number">Usable</Table.Th>
            <Table.Th>Sizes</Table.Th>
            <Table.Th>Pixels</Table.Th>
            <Table.Th>Values that are not a class</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {splits.map((split) => (
            <Table.Tr key={split.name}>
              <Table.Th>{split.name}</Table.Th>
              <Table.Td className="number">{formatNumber(split.images)}</Table.Td>
              <Table.Td className="number">{formatNumber(split.sound)}</Table.Td>
              <Table.Td>{sizesText(split)}</Table.Td>
              <Table.Td>{modesText(split)}</Table.Td>
              <Table.Td>
                <UnknownLabels split={split} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

function UnknownLabels({ split }: { split: SplitDetail }) {
  if (split.unknown_labels.length === 0) {
    return "none";
  }
  return split.unknown_labels.map((unknown) => (
    <Text key={unknown.id} size="xs" className="break-words">
      {unknown.id}: {formatCount(unknown.labels, "label")}, {formatNumber(unknown.pixels)} px, first in {unknown.first}
    </Text>
  ));
}

function sizesText({ sizes, num_sizes }: SplitDetail): string {
  const shown = sizes.slice(0, 3).map((size) => `${size.width} × ${size.height} (${formatNumber(size.images)})`);
  const rest = num_sizes - shown.length;
  return shown.length === 0 ? NOTHING : `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function modesText({ modes }: SplitDetail): string {
  const shown = Object.entries(modes).map(([mode, images]) => `${mode} (${formatNumber(images)})`);
  return shown.length === 0 ? NOTHING : shown.join(", ");
}
