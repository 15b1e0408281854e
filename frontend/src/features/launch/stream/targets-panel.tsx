import { Stack } from "@mantine/core";

import { Panel } from "../../../components/panel";
import type { Section } from "../schema-form";
import { SectionFields, type SectionProps } from "../section-fields";
import { DatasetAbove } from "./dataset-above";
import { NamedDatasetList } from "./named-dataset-list";
import { PreviewProblem } from "./preview-problem";
import { useStreamParts } from "./use-stream-parts";

export const TARGETS = "/stream/targets";
/** Fewer are refused by the service. */
const LEAST_TARGETS = 2;

interface TargetsPanelProps extends SectionProps {
  /** The form of a dataset. */
  dataset: Section;
}

/** A stream of a source and several targets: what each of them is called, its dataset, and how many images it has. */
export function TargetsPanel({ dataset, ...props }: TargetsPanelProps) {
  const { section, draft, preset } = props;
  const { whole, preview, imagesOf } = useStreamParts(draft, preset);
  return (
    <Panel title="Task stream" hint={section.description}>
      <Stack gap="md">
        <SectionFields {...props} section={{ ...section, fields: section.fields.filter((field) => field.pointer !== TARGETS) }} />
        <PreviewProblem preview={preview} />
        <DatasetAbove name="source" images={imagesOf("source")} />
        <NamedDatasetList
          {...props}
          pointer={TARGETS}
          value={whole.stream.targets}
          noun="target"
          prefix="target"
          isNumbered
          least={LEAST_TARGETS}
          dataset={dataset}
          start={whole.dataset}
          imagesOf={imagesOf}
        />
      </Stack>
    </Panel>
  );
}
