import { Alert, List } from "@mantine/core";
import type { ReactNode } from "react";

import type { MemorySnapshot } from "../api/types";
import { formatCount } from "../lib/format";
import { Icon } from "./icon";

/** What a snapshot of the replay memory lacks, why, and what helps; nothing where it lacks nothing. */
export function MemoryWarnings({ snapshot, children }: { snapshot: MemorySnapshot; children?: ReactNode }) {
  const { items, budget, warnings, stage_index } = snapshot;
  if (warnings.length === 0) {
    return null;
  }
  const title =
    items < budget
      ? `The replay memory holds ${items} of ${formatCount(budget, "instance")} after stage ${stage_index}`
      : `The replay memory lacks classes after stage ${stage_index}`;
  return (
    <Alert color="orange" variant="light" icon={<Icon name="failed" />} title={title}>
      <List size="sm" className="break-words">
        {warnings.map((warning) => (
          <List.Item key={warning}>{warning}</List.Item>
        ))}
      </List>
      {children}
    </Alert>
  );
}
