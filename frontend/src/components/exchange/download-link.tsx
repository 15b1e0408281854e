import { Anchor } from "@mantine/core";

import type { ExchangeTask } from "../../api/types";
import { formatBytes, formatCount } from "../../lib/format";
import { at } from "../../lib/place";
import { Icon } from "../icon";

/** Leads to the archive of an export; a browser goes on with a download that was cut off. */
export function DownloadLink({ made }: { made: NonNullable<ExchangeTask["export"]> }) {
  const { artifact, answers } = made;
  const name = artifact.name.split("/").at(-1) ?? "answers.zip";
  return (
    <Anchor href={at(`/api/v1/artifacts/${artifact.id}/content`)} download={name} size="sm" className="with-icon">
      <Icon name="download" size={14} />
      Download {name} ({formatBytes(artifact.bytes)}, {formatCount(answers, "answer")})
    </Anchor>
  );
}
