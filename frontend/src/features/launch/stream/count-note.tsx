import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";

import type { StreamPreview } from "../../../api/types";
import { formatCount } from "../../../lib/format";
import type { JsonDocument } from "../draft";

/** How many images there are, and where the counts of steps and classes are to be had. */
export function CountNote({ preview, dataset }: { preview: StreamPreview | undefined; dataset: JsonDocument }) {
  if (preview === undefined) {
    return (
      <Text size="sm" c="dimmed">
        Names and images of the classes appear once the dataset can be opened.
      </Text>
    );
  }
  const total = formatCount(preview.train_images, "training image");
  return (
    <Text size="xs" c="dimmed">
      {preview.is_scanned ? (
        `${total}. The number of a class is that of the step's images that show it.`
      ) : "world" in dataset ? (
        `${total}, drawn when a run first uses this world; what each shows is known after that run's first stage.`
      ) : (
        <>
          {total}, not scanned yet, so images of steps and classes are not known. Register the folder under{" "}
          <Anchor component={Link} to="/datasets" size="xs">
            Datasets
          </Anchor>{" "}
          to have it scanned, or launch: the first stage scans it.
        </>
      )}
    </Text>
  );
}
