import { Text } from "@mantine/core";

import type { DatasetSummary } from "../../api/types";
import { StateBadge } from "../../components/state-badge";

/** The state of a dataset, and why a scan has not begun. */
export function DatasetState({ dataset, size = "sm" }: { dataset: DatasetSummary; size?: "sm" | "lg" }) {
  return (
    <>
      <StateBadge state={dataset.state} message={dataset.message} size={size} />
      {dataset.is_waiting && (
        <Text size="xs" c="dimmed" component="span" display={size === "sm" ? "block" : "inline"}>
          waiting for a free worker
        </Text>
      )}
    </>
  );
}
