import { Code, Group, Modal, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { experimentQuery } from "../../api/queries";
import type { MemoryEntry, RunDetail } from "../../api/types";
import { ClassName } from "../../components/class-name";
import { QueryFace } from "../../components/query-face";
import { formatBytes } from "../../lib/format";
import { LabelPicture } from "./label-picture";
import { memoryItemQuery } from "./memory-queries";
import { StepThroughItems } from "./step-through-items";
import type { MemoryView } from "./use-memory-view";

interface MemoryItemDialogProps {
  itemId: number;
  run: RunDetail;
  view: MemoryView;
}

/** One stored instance: where it lay in its source image, its crop and its label. */
export function MemoryItemDialog({ itemId, run, view }: MemoryItemDialogProps) {
  const item = useQuery(memoryItemQuery(itemId));
  return (
    <Modal
      opened
      onClose={() => view.open(null)}
      size="xl"
      title={item.data === undefined ? "Instance" : <ClassName name={item.data.class_name} colour={item.data.colour} />}
    >
      <Stack>
        <QueryFace query={item}>{(entry) => <ItemView item={entry} run={run} />}</QueryFace>
        <StepThroughItems itemId={itemId} runId={run.id} view={view} />
      </Stack>
    </Modal>
  );
}

function ItemView({ item, run }: { item: MemoryEntry; run: RunDetail }) {
  const experiment = useQuery(experimentQuery(run.experiment_id));
  const classes = useMemo(() => experiment.data?.classes ?? [], [experiment.data]);
  const colours = useMemo(() => new Map(classes.map((label) => [label.id, label.colour])), [classes]);
  const at = `/api/v1/memory-items/${item.id}`;
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Picture title="in its source image">
          <SourceFrame item={item} />
        </Picture>
        <Picture title="stored crop">
          <img
            src={`${at}/crop`}
            alt={`crop of ${item.class_name}`}
            className="pixels"
            style={{ width: "100%", maxHeight: 260, objectFit: "contain" }}
          />
        </Picture>
        <Picture title="stored label">
          <LabelPicture src={`${at}/label`} alt={`label of ${item.class_name}`} colours={colours} />
        </Picture>
      </SimpleGrid>
      <Group gap="sm">
        {item.classes.map((id) => {
          const label = classes.find((known) => known.id === id);
          return <ClassName key={id} name={label?.name ?? `class ${id}`} colour={label?.colour ?? "#808080"} />;
        })}
      </Group>
      <Table fz="sm" verticalSpacing={4}>
        <Table.Tbody>
          {factsOf(item).map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w={170}>{name}</Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

function factsOf(item: MemoryEntry): [string, React.ReactNode][] {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = item.box;
  return [
    ["source image", <Code key="source">{item.source}</Code>],
    ["box", `${x0}, ${y0} to ${x1}, ${y1}: ${x1 - x0} × ${y1 - y0} of ${item.image_size.join(" × ")} px`],
    ["area of kept classes", `${item.area} px`],
    ["stored in step", item.step_added],
    ["rank", item.rank],
    ["size", formatBytes(item.bytes)],
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

/** A frame of the source image's shape with the crop at its place. */
function SourceFrame({ item }: { item: MemoryEntry }) {
  const [width = 1, height = 1] = item.image_size;
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = item.box;
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label="place of the crop in its source image"
      style={{ width: "100%", maxHeight: 260 }}
    >
      <rect
        width={width}
        height={height}
        fill="var(--mantine-color-default-hover)"
        stroke="var(--mantine-color-dimmed)"
        strokeWidth={width / 200}
      />
      <image
        href={`/api/v1/memory-items/${item.id}/crop`}
        x={x0}
        y={y0}
        width={x1 - x0}
        height={y1 - y0}
        preserveAspectRatio="none"
        className="pixels"
      />
      <rect x={x0} y={y0} width={x1 - x0} height={y1 - y0} fill="none" stroke={item.colour} strokeWidth={width / 100} />
    </svg>
  );
}
