import { Stack } from "@mantine/core";

import { Panel } from "../../../components/panel";
import type { Section } from "../schema-form";
import { SectionFields, type SectionProps } from "../section-fields";
import { DatasetAbove } from "./dataset-above";
import { NamedDatasetList } from "./named-dataset-list";
import { PreviewProblem } from "./preview-problem";
import { useStreamParts } from "./use-stream-parts";
import { FIRST, FURTHER } from "./written-order";

interface TestSetsPanelProps extends SectionProps {
  /** The form of a dataset. */
  dataset: Section;
}

/** A stream of test sets, on which a trained model is tested: what each of them is called, and its images. */
export function TestSetsPanel({ dataset, ...props }: TestSetsPanelProps) {
  const { section, draft, preset } = props;
  const { whole, preview } = useStreamParts(draft, preset);
  const first = typeof whole.stream.first === "string" ? whole.stream.first : "";
  const fields = section.fields
    .filter(({ pointer }) => pointer !== FURTHER)
    .map((field) => (field.pointer === FIRST ? { ...field, name: "Name of the first test set", description: "Its images are the dataset above." } : field));
  return (
    <Panel title="Test sets" hint="What the model is tested on; each test set has scores of its own.">
      <Stack gap="md">
        <SectionFields {...props} section={{ ...section, fields }} />
        <PreviewProblem preview={preview} />
        <DatasetAbove name={first} />
        <NamedDatasetList
          {...props}
          pointer={FURTHER}
          value={whole.stream.further}
          noun="test set"
          prefix="test"
          taken={[first]}
          least={0}
          dataset={dataset}
          start={whole.dataset}
          imagesOf={() => null}
        />
      </Stack>
    </Panel>
  );
}
