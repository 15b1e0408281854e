import { SegmentedControl, Group } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";

import type { StepTable } from "../../api/types";
import { EmptyState } from "../../components/empty-state";
import { Panel } from "../../components/panel";
import { QueryFace } from "../../components/query-face";
import { StepHeatTable } from "./step-heat-table";
import type { ClassOrder } from "./step-order";

const ORDERS = [
  { value: "forgotten", label: "worst forgotten" },
  { value: "lowest", label: "lowest IoU" },
  { value: "learned", label: "as learnt" },
];
const SHADES = [
  { value: "value", label: "shade IoU" },
  { value: "loss", label: "shade the drop" },
];

/** Step x class: what was learned, and what was forgotten since. */
export function StepTablePanel({ query }: { query: UseQueryResult<StepTable> }) {
  const [order, setOrder] = useState<ClassOrder>("forgotten");
  const [shade, setShade] = useState<"value" | "loss">("value");
  const controls = (
    <Group gap="xs">
      <SegmentedControl
        size="xs"
        data={ORDERS}
        value={order}
        onChange={(value) => setOrder(value as ClassOrder)}
        aria-label="order of classes"
      />
      <SegmentedControl
        size="xs"
        data={SHADES}
        value={shade}
        onChange={(value) => setShade(value as "value" | "loss")}
        aria-label="what is shaded"
      />
    </Group>
  );
  return (
    <Panel
      title="Learned and forgotten"
      hint="IoU in percent after each step; below it the drop since the class was learnt"
      actions={controls}
    >
      <QueryFace query={query} height={220}>
        {(table) =>
          table.steps.length === 0 ? (
            <EmptyState title="No step has been tested yet">
              The table gets a column at the end of each step, when its model is tested on every class seen so far.
            </EmptyState>
          ) : (
            <StepHeatTable table={table} order={order} shade={shade} />
          )
        }
      </QueryFace>
    </Panel>
  );
}
