import { Stack, Text } from "@mantine/core";

import { Panel } from "../../../components/panel";
import { formatCount } from "../../../lib/format";
import { ownChange } from "../own-change";
import { PresetMark } from "../preset-mark";
import type { Section } from "../schema-form";
import { SectionFields, type SectionProps } from "../section-fields";
import { ClassChoice } from "./class-choice";
import { NamedDatasetList } from "./named-dataset-list";
import { offeredNames, readNames, splitOf } from "./class-split";
import { PartTitle } from "./part-title";
import { PreviewProblem } from "./preview-problem";
import { useStreamParts } from "./use-stream-parts";

export const KNOWN = "/stream/known";
const UNKNOWN = "/stream/unknown";
const TESTS = "/stream/tests";
const DRAWN_APART = [KNOWN, UNKNOWN, TESTS];

interface KnownClassesPanelProps extends SectionProps {
  /** The form of a dataset. */
  dataset: Section;
}

/** A stream of known and unknown classes: which are taught, which are to be found, and what is tested besides. */
export function KnownClassesPanel({ dataset, ...props }: KnownClassesPanelProps) {
  const { section, draft, preset, onSet } = props;
  const { whole, preview, imagesOf } = useStreamParts(draft, preset);
  const known = readNames(whole.stream.known) ?? [];
  const unknown = readNames(whole.stream.unknown) ?? [];
  const classes = preview.data?.classes ?? [];
  const names = classes.map(({ name }) => name);
  const images = new Map(classes.map((label) => [label.name, label.images]));
  const choice = (pointer: string, own: readonly string[], other: readonly string[]) => ({
    pointer,
    names: own,
    offered: offeredNames(names, own, other),
    images,
    faults: props.faults.textsOf(pointer),
    warnings: props.warnings.textsOf(pointer),
    onChange: (next: string[]) => onSet(pointer, next),
  });
  return (
    <Panel title="Task stream" hint={section.description}>
      <Stack gap="md">
        <SectionFields {...props} section={{ ...section, fields: section.fields.filter(({ pointer }) => !DRAWN_APART.includes(pointer)) }} />
        <PreviewProblem preview={preview} />
        <ClassChoice label="Known classes" hint="Taught by the training images." empty="choose at least one class" {...choice(KNOWN, known, unknown)} />
        <NamesMark {...props} pointer={KNOWN} name="known classes" />
        <ClassChoice
          label="Unknown classes"
          hint="Never labelled in training, and to be found as unknown in tests. Choose none, and all other classes are unknown."
          empty="all other classes"
          {...choice(UNKNOWN, unknown, known)}
        />
        <NamesMark {...props} pointer={UNKNOWN} name="unknown classes" />
        <SplitNote classes={names} known={known} unknown={unknown} />
        <PartTitle title="Further test sets" hint="The dataset above is tested too. Give each the same list of classes." />
        <NamedDatasetList
          {...props}
          pointer={TESTS}
          value={whole.stream.tests}
          noun="test set"
          prefix="test"
          least={0}
          dataset={dataset}
          start={whole.dataset}
          imagesOf={imagesOf}
        />
      </Stack>
    </Panel>
  );
}

/** Takes a changed list of names back to the preset's. */
function NamesMark({ draft, given, onSet, pointer, name }: SectionProps & { pointer: string; name: string }) {
  const change = ownChange(draft.document, given, pointer);
  const said = readNames(change?.given);
  return change === null || said === null ? null : (
    <PresetMark name={name} said={said.length > 0 ? said.join(", ") : "none"} onReset={() => onSet(pointer, change.given)} />
  );
}

/** What the two lists make of the dataset's classes. */
function SplitNote({ classes, known, unknown }: { classes: readonly string[]; known: readonly string[]; unknown: readonly string[] }) {
  if (classes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        The names of the classes can be chosen once the dataset can be opened.
      </Text>
    );
  }
  const split = splitOf(classes, known, unknown);
  const leftOut = split.leftOut.length === 0 ? "" : ` ${split.leftOut.length} left out, whose objects a test ignores: ${split.leftOut.join(", ")}.`;
  return (
    <Text size="xs" c="dimmed">
      Of {formatCount(classes.length, "class", "classes")}, {split.known.length} known and {split.unknown.length} unknown
      {unknown.length === 0 && split.unknown.length > 0 && ` (${split.unknown.join(", ")})`}.{leftOut}
    </Text>
  );
}
