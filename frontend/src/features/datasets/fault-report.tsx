import { List, Stack, Text, Title } from "@mantine/core";

import type { DatasetDetail, DatasetFault } from "../../api/types";
import { Icon } from "../../components/icon";
import { Panel } from "../../components/panel";
import { formatCount, formatNumber } from "../../lib/format";
import { faultKind } from "./dataset-text";

/** What is wrong with a dataset, in plain words, and what to do about it. */
export function FaultReport({ dataset }: { dataset: DatasetDetail }) {
  const images = dataset.splits.reduce((sum, split) => sum + split.images, 0);
  const isSound = dataset.num_faults === 0;
  return (
    <Panel
      title="Report"
      hint={
        isSound
          ? `All ${formatCount(images, "image")} and their labels are readable and match the class list`
          : `${formatCount(dataset.num_faults, "problem")}; a run that reads one of these files fails`
      }
    >
      {isSound && (
        <Text size="sm" className="report-line">
          <Icon name="succeeded" /> No problem was found.
        </Text>
      )}
      <FaultGroups faults={dataset.faults} counts={dataset.fault_counts} icon="failed" />
      <FaultGroups faults={dataset.notices} counts={dataset.notice_counts} icon="help" />
    </Panel>
  );
}

interface FaultGroupsProps {
  faults: readonly DatasetFault[];
  counts: Record<string, number>;
  icon: "failed" | "help";
}

function FaultGroups({ faults, counts, icon }: FaultGroupsProps) {
  return Object.entries(counts).map(([code, count]) => {
    const kind = faultKind(code);
    const listed = faults.filter((fault) => fault.code === code);
    return (
      <Stack key={code} gap={4}>
        <Title order={3} size="h6" className="report-line">
          <Icon name={icon} /> {kind.title} ({formatNumber(count)})
        </Title>
        <Text size="sm">{kind.wayOut}</Text>
        <List size="xs" className="break-words">
          {listed.map((fault) => (
            <List.Item key={`${fault.path} ${fault.message}`}>{fault.message}</List.Item>
          ))}
        </List>
        {count > listed.length && (
          <Text size="xs" c="dimmed">
            and {formatNumber(count - listed.length)} more of this kind
          </Text>
        )}
      </Stack>
    );
  });
}
