import { Code, Group, SimpleGrid, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { experimentQuery } from "../../api/queries";
import type { ClassLabel, MemoryEntry, RunDetail } from "../../api/types";
import { ClassName } from "../../components/class-name";
import { LabelPicture } from "../../components/label-picture";
import { formatBytes, formatCount } from "../../lib/format";
import { at } from "../../lib/place";
import { BoxedPicture } from "./boxed-picture";

/** Source image, crop and label of a stored instance, and the facts about it. */
export function ItemView({ item, run }: { item: MemoryEntry; run: RunDetail }) {
  const experiment = useQuery(experimentQuery(run.experiment_id));
  const classes = useMemo(() => experiment.data?.classes ?? [], [experiment.data]);
  const colours = useMemo(() => new Map(classes.map((label) => [label.id, label.colour])), [classes]);
  const address = at(`/api/v1/memory-items/${item.id}`);
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <Picture title="source image">
          <BoxedPicture
            src={`${address}/source`}
            alt={`source image ${item.source}`}
            size={item.image_size}
            box={item.box}
            colour={item.colour}
          />
        </Picture>
        <Picture title="stored crop">
          <img src={`${address}/crop`} alt={`crop of ${item.class_name}`} className="pixels stored-crop" />
        </Picture>
        <Picture title="stored label">
          <LabelPicture src={`${address}/label`} alt={`label of ${item.class_name}`} colours={colours} />
        </Picture>
      </SimpleGrid>
      <Table fz="sm" verticalSpacing={4}>
        <Table.Tbody>
          {factsOf(item, classes).map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w={190}>{name}</Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

function factsOf(item: MemoryEntry, classes: readonly ClassLabel[]): [string, React.ReactNode][] {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = item.box;
  const shown = item.classes.map((id) => {
    const label = classes.find((known) => known.id === id);
    return <ClassName key={id} name={label?.name ?? `class ${id}`} colour={label?.colour ?? "#808080"} />;
  });
  return [
    [
      "classes",
      <Group key="classes" gap="sm">
        {shown}
      </Group>,
    ],
    ["source image", <Code key="source">{item.source}</Code>],
    ["box", `${x0}, ${y0} to ${x1}, ${y1}: ${x1 - x0} × ${y1 - y0} of ${item.image_size.join(" × ")} px`],
    ["labelled area", `${item.area} px`],
    ["stored in stage", item.step_added],
    ["rank", item.rank],
    ["size", formatBytes(item.bytes)],
    ["times pasted so far", formatCount(item.times_drawn, "time")],
  ];
}

function Picture({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4}>
        {title}
      </Text>
      {children}
    </div>
  );
}
