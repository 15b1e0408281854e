import { Text } from "@mantine/core";

import { countText } from "./named-dataset-list";

/** The first dataset of a stream that names several: its editor stands above. */
export function DatasetAbove({ name, images = null }: { name: string; images?: number | null }) {
  return (
    <Text size="sm">
      <b>{name}</b>{" "}
      <Text span size="xs" c="dimmed">
        the dataset above{countText(images)}
      </Text>
    </Text>
  );
}
