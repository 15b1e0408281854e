import { Group, Table, Text } from "@mantine/core";

import type { ClassLabel, ExperimentVerdict } from "../../api/types";
import { ClassName } from "../../components/class-name";
import { TallTable } from "../../components/tall-table";
import { NOTHING } from "../../lib/format";
import { valueAt } from "../../lib/json-pointer";

/** The stages that the document leads to, with the classes that each one adds. */
export function PlanPreview({ verdict }: { verdict: ExperimentVerdict }) {
  const steps = valueAt(verdict.resolved, "/stream/steps");
  const hasSteps = isStepwise(verdict);
  const perStep: unknown[] = Array.isArray(steps) ? steps : [];
  return (
    <TallTable rows={verdict.plan.length} minWidth={420}>
      <Table fz="sm" verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>stage</Table.Th>
            {hasSteps && <Table.Th>new classes</Table.Th>}
            {hasSteps && <Table.Th className="number">images</Table.Th>}
            <Table.Th className="number">iterations</Table.Th>
            <Table.Th>takes</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {verdict.plan.map((stage) => (
            <Table.Tr key={stage.index}>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                {stage.index} · {stage.name}
              </Table.Td>
              {hasSteps && (
                <Table.Td>
                  <StepClasses ids={perStep[stage.step]} classes={verdict.classes} />
                </Table.Td>
              )}
              {hasSteps && <Table.Td className="number">{stage.images ?? NOTHING}</Table.Td>}
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

/** Whether stages learn classes step by step; rounds of labels do not. */
export function isStepwise(verdict: ExperimentVerdict): boolean {
  return Array.isArray(valueAt(verdict.resolved, "/stream/steps"));
}

function StepClasses({ ids, classes }: { ids: unknown; classes: readonly ClassLabel[] }) {
  const wanted: unknown[] = Array.isArray(ids) ? ids : [];
  const labels = classes.filter((label) => wanted.includes(label.id));
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
