import { Button, Group, Text } from "@mantine/core";

import { isWithin, valueAt } from "../../../lib/json-pointer";
import { formatCount } from "../../../lib/format";
import type { JsonDocument } from "../draft";
import { PresetMark } from "../preset-mark";
import type { Section } from "../schema-form";
import type { SectionProps } from "../section-fields";
import { FaultList, WarningTexts } from "../section-remarks";
import { NamedDatasetRow } from "./named-dataset-row";
import { areOthers, type NamedDataset, pointerOf, readNamed, remarksWithin, withAdded, withReplaced } from "./named-datasets";

interface NamedDatasetListProps extends Omit<SectionProps, "section" | "preset"> {
  /** Where the list stands in the document, and its value there. */
  pointer: string;
  value: unknown;
  /** What one of them is called, such as `target`; a name that is made up begins with `prefix`. */
  noun: string;
  prefix: string;
  /** Whether their places are counted, for a list of which nothing stands before it. */
  isNumbered?: boolean;
  /** Fewer are refused by the service. */
  least: number;
  /** Names that others of the stream have. */
  taken?: readonly string[];
  /** The form of a dataset, and what the first of the list begins with. */
  dataset: Section;
  start: JsonDocument;
  imagesOf: (name: string) => number | null;
  /** Told after the list was changed which was added or removed. */
  onAdded?: (index: number) => void;
  onRemoved?: (index: number) => void;
}

/** Datasets of a stream with their names: each can be changed and removed, and more can be added. */
export function NamedDatasetList(props: NamedDatasetListProps) {
  const { pointer, value, noun, prefix, isNumbered = false, least, taken = [], dataset, start, draft, given, imagesOf, onAdded, onRemoved, onTyping, onSet } = props;
  const list = readNamed(value);
  const begun = given === null ? null : readNamed(valueAt(given, pointer));
  const isChanged = begun !== null && (list === null || areOthers(list, begun));
  const said = props.faults.of(pointer);
  const warned = props.warnings.of(pointer);
  const isOfNone = (remark: { pointer: string }) => !(list ?? []).some((_, index) => isWithin(remark.pointer, pointerOf(pointer, index)));
  const remove = (from: readonly NamedDataset[], index: number) => {
    onSet(pointer, withReplaced(from, index, null));
    onRemoved?.(index);
  };
  return (
    <>
      {isChanged && (
        <PresetMark name={`${noun}s`} said={begun.map(({ name }) => name).join(", ") || "none"} onReset={() => onSet(pointer, begun)} />
      )}
      <FaultList faults={said.filter(isOfNone)} onSet={onSet} />
      {list === null && <Text size="sm">The {noun}s must be a list, each with a name and a dataset. Fix them in the text.</Text>}
      {list?.map((named, index) => (
        <NamedDatasetRow
          // One of a list may change its name.
          key={index}
          noun={noun}
          pointer={pointerOf(pointer, index)}
          named={named}
          facts={`${isNumbered ? `${noun} ${index + 1}` : noun}${countText(imagesOf(named.name))}`}
          section={dataset}
          draft={draft}
          faults={remarksWithin(said, pointerOf(pointer, index), dataset)}
          warnings={remarksWithin(warned, pointerOf(pointer, index), dataset)}
          onChange={(changed) => onSet(pointer, withReplaced(list, index, changed))}
          onRemove={list.length > least ? () => remove(list, index) : null}
          needed={`at least ${formatCount(least, noun)} are needed`}
          onTyping={onTyping}
        />
      ))}
      {list !== null && (
        <Group>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              onSet(pointer, withAdded(list, prefix, start, taken));
              onAdded?.(list.length);
            }}
          >
            Add a {noun}
          </Button>
        </Group>
      )}
      <WarningTexts texts={warned.filter(isOfNone).map(({ message }) => message)} />
    </>
  );
}

/** ", 40 training images"; nothing where the number is not known. */
export function countText(images: number | null): string {
  return images === null ? "" : `, ${formatCount(images, "training image")}`;
}
