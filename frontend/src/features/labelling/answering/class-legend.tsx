import { Code, Group } from "@mantine/core";

import type { ClassLabel } from "../../../api/types";
import { ClassName } from "../../../components/class-name";

/** Classes with which a pixel may be answered, by raw id and colour. */
export function ClassLegend({ classes, ignoreId }: { classes: readonly ClassLabel[]; ignoreId: number }) {
  return (
    <Group component="ul" gap="xs" className="legend-list" aria-label="classes and their ids">
      {classes.map((label) => (
        <li key={label.id}>
          <Code>{label.id}</Code>
          <ClassName name={label.name} colour={label.colour} size="xs" />
        </li>
      ))}
      <li>
        <Code>{ignoreId}</Code>
        <ClassName name="unsure, or not queried" colour="transparent" size="xs" />
      </li>
    </Group>
  );
}
