import type { Section } from "../schema-form";
import type { SectionProps } from "../section-fields";
import { DomainsPanel } from "./domains-panel";
import { KNOWN, KnownClassesPanel } from "./known-classes-panel";
import { StreamPanel } from "./stream-panel";
import { TestSetsPanel } from "./test-sets-panel";
import { TARGETS, TargetsPanel } from "./targets-panel";
import { FURTHER, ORDER } from "./written-order";

const STEPS = "/stream/steps";

interface StreamEditingProps extends SectionProps {
  /** The form of a dataset, for streams that name several. */
  dataset: Section | undefined;
}

/** The editor of a task stream, by what the stream says: steps of classes, targets, domains, test sets, or known and unknown classes. */
export function StreamEditing({ dataset, ...props }: StreamEditingProps) {
  const has = (pointer: string) => hasField(props.section, pointer);
  if (dataset !== undefined && has(TARGETS)) {
    return <TargetsPanel {...props} dataset={dataset} />;
  }
  if (dataset !== undefined && has(FURTHER)) {
    const Domains = has(ORDER) ? DomainsPanel : TestSetsPanel;
    return <Domains {...props} dataset={dataset} />;
  }
  return dataset !== undefined && has(KNOWN) ? <KnownClassesPanel {...props} dataset={dataset} /> : <StreamPanel {...props} />;
}

/** Whether a section is a stream that has an editor of its own; any other is drawn from its schema. */
export function hasStreamEditor(section: Section): boolean {
  return [STEPS, TARGETS, FURTHER, KNOWN].some((pointer) => hasField(section, pointer));
}

function hasField(section: Section, pointer: string): boolean {
  return section.fields.some((field) => field.pointer === pointer);
}
