import { Group, Stack, Text } from "@mantine/core";

import type { QueryBatch } from "../../../api/types";
import { formatCount, formatNumber } from "../../../lib/format";
import { histogramBins, rangeText } from "./histogram-bins";

/** How many images of the pool have which value; the highest are queried. */
export function ValueHistogram({ batch }: { batch: QueryBatch }) {
  const [low, high] = batch.histogram_range;
  const bins = histogramBins(batch.histogram, [low, high]);
  const text = rangeText([low, high], bins.length);
  const images = bins.reduce((sum, bin) => sum + bin.images, 0);
  const highest = Math.max(0, ...bins.map((bin) => bin.images));
  return (
    <section aria-label="values of the pool">
      <Stack gap={4}>
        <Text size="sm" fw={600}>
          Values of the pool
        </Text>
        <Text size="xs" c="dimmed">
          {formatCount(images, "image")} by the value that {batch.acquisition} gave; at most {formatNumber(highest)} in a bar
        </Text>
        <ol className="histogram" aria-label="images by value">
          {bins.map((bin, place) => (
            <li key={place} title={`${bin.from} to ${bin.to}: ${formatCount(bin.images, "image")}`}>
              <span className="histogram-count">{bin.images > 0 && bins.length <= 24 ? formatNumber(bin.images) : ""}</span>
              <span className="histogram-bar" style={{ height: `${Math.round(bin.share * 100)}%` }} aria-hidden="true" />
            </li>
          ))}
        </ol>
        <Group justify="space-between">
          {[low, (low + high) / 2, high].map((value, place) => (
            <Text key={place} size="xs" c="dimmed">
              {text(value)}
            </Text>
          ))}
        </Group>
      </Stack>
    </section>
  );
}
