import { Group, Table, Text } from "@mantine/core";

import type { ClassLabel, ExperimentVerdict } from "../../api/types";
import { ClassName } from "../../components/class-name";
import { TallTable } from "../../components/tall-table";
import { budgetText } from "../../lib/budget";
import { NOTHING } from "../../lib/format";

/** The stages that the document leads to, with the classes that each one adds. */
export function PlanPreview({ verdict }: { verdict: ExperimentVerdict }) {
  const hasClasses = verdict.classes_per_step.length > 0;
  const hasImages = verdict.plan.some((stage) => stage.images !== null) || !verdict.is_scanned;
  return (
    <TallTable rows={verdict.plan.length} minWidth={420}>
      <Table fz="sm" verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>stage</Table.Th>
            {hasClasses && <Table.Th>new classes</Table.Th>}
            {hasImages && <Table.Th className="number">images</Table.Th>}
            <Table.Th className="number">iterations</Table.Th>
            <Table.Th>takes</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {verdict.plan.map((stage) => (
            <Table.Tr key={stage.index}>
              <Table.Td>
                <span style={{ whiteSpace: "nowrap" }}>
                  {stage.index} · {stage.name}
                </span>
                <LabelWork stage={stage} verdict={verdict} />
              </Table.Td>
              {hasClasses && (
                <Table.Td>
                  <StepClasses ids={verdict.classes_per_step[stage.step] ?? []} classes={verdict.classes} />
                </Table.Td>
              )}
              {hasImages && <Table.Td className="number">{stage.images ?? NOTHING}</Table.Td>}
              <Table.Td className="number">{stage.total_iterations ?? NOTHING}</Table.Td>
              <Table.Td>
                <Text size="xs" c="dimmed">
                  {Object.values(stage.inputs).join(", ") || "nothing"}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TallTable>
  );
}

/** Who labels how much at a stage that waits for labels: "people label 35 images". */
function LabelWork({ stage, verdict }: { stage: ExperimentVerdict["plan"][number]; verdict: ExperimentVerdict }) {
  const work = stage.kind === "label" ? verdict.labels_per_step[stage.step] : undefined;
  return work === undefined ? null : (
    <Text size="xs" c="dimmed">
      {work.by_people ? "people label" : "the target's own labels answer for"} {budgetText(work.amount, work.unit)}
    </Text>
  );
}

function StepClasses({ ids, classes }: { ids: readonly number[]; classes: readonly ClassLabel[] }) {
  const labels = classes.filter((label) => ids.includes(label.id));
  return (
    <Group gap="xs" title={labels.map((label) => label.name).join(", ")}>
      {labels.slice(0, 6).map((label) => (
        <ClassName key={label.id} name={label.name} colour={label.colour} size="xs" />
      ))}
      {labels.length > 6 && <Text size="xs">and {labels.length - 6} more</Text>}
      {labels.length === 0 && NOTHING}
    </Group>
  );
}
