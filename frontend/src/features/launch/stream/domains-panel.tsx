import { Stack } from "@mantine/core";

import { Panel } from "../../../components/panel";
import type { Section } from "../schema-form";
import { SectionFields, type SectionProps } from "../section-fields";
import { DatasetAbove } from "./dataset-above";
import { NamedDatasetList } from "./named-dataset-list";
import { OrderEditor } from "./order-editor";
import { PartTitle } from "./part-title";
import { PreviewProblem } from "./preview-problem";
import { useStreamParts } from "./use-stream-parts";
import { CUSTOM_ORDER, FIRST, FURTHER, ORDER, writtenOrderOf } from "./written-order";

const TESTS = "/stream/extra_tests";
/** Fields that are shown by something else than their control. */
const DRAWN_APART = [FURTHER, TESTS, ORDER, CUSTOM_ORDER];

interface DomainsPanelProps extends SectionProps {
  /** The form of a dataset. */
  dataset: Section;
}

/** A stream of domains: what each is called, its images, who is learned when, and what is tested besides. */
export function DomainsPanel({ dataset, ...props }: DomainsPanelProps) {
  const { section, draft, preset, faults, onSet } = props;
  const { whole, preview, imagesOf } = useStreamParts(draft, preset);
  const order = writtenOrderOf(section, whole.stream, onSet);
  const fields = section.fields
    .filter(({ pointer }) => !DRAWN_APART.includes(pointer))
    .map((field) => (field.pointer === FIRST ? { ...field, name: "Name of the first domain", description: "Its images are the dataset above." } : field));
  const shared = { ...props, dataset, start: whole.dataset, imagesOf, least: 0 };
  const [first = ""] = order.names;
  return (
    <Panel title="Task stream" hint={section.description}>
      <Stack gap="md">
        <SectionFields {...props} section={{ ...section, fields }} />
        <PreviewProblem preview={preview} />
        <PartTitle title="Domains" hint="Each gives images to learn from and to test on." />
        <DatasetAbove name={first} images={imagesOf(first)} />
        <NamedDatasetList
          {...shared}
          pointer={FURTHER}
          value={whole.stream.further}
          noun="domain"
          prefix="domain"
          taken={[first]}
          onAdded={order.onAdded}
          onRemoved={order.onRemoved}
        />
        <OrderEditor order={order} faults={[ORDER, CUSTOM_ORDER].flatMap((pointer) => faults.of(pointer))} />
        <PartTitle title="Further test sets" hint="Tested after each domain and never learned, such as natural images." />
        <NamedDatasetList {...shared} pointer={TESTS} value={whole.stream.extra_tests} noun="test set" prefix="test" taken={order.names} />
      </Stack>
    </Panel>
  );
}
