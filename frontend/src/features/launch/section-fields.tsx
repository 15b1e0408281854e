import { SegmentedControl, SimpleGrid, Stack } from "@mantine/core";

import { valueAt } from "../../lib/json-pointer";
import { useSplitNames } from "./dataset/use-split-names";
import { type Draft, valueOfField } from "./draft";
import { FieldControl } from "./field-control";
import { laidOver } from "./laid-over";
import type { RemarksByPart } from "./launch-faults";
import { ownChange } from "./own-change";
import { PresetMark } from "./preset-mark";
import { chosenVariant, type Section, startOfVariant } from "./schema-form";
import { SectionRemarks } from "./section-remarks";

/** The choice of no variant; no schema has an empty title. */
const NONE = "";

export interface SectionProps {
  section: Section;
  draft: Draft;
  /** What holds where the document is silent. */
  preset: unknown;
  /** What the preset gives before any change; null without a preset. */
  given: unknown;
  faults: RemarksByPart;
  warnings: RemarksByPart;
  /** Sets the value at a pointer; undefined removes the key. */
  onSet: (pointer: string, value: unknown) => void;
  /** Told why what a control holds cannot be read, and null when it can be again or the control goes. */
  onTyping: (pointer: string, message: string | null) => void;
}

/** The controls of a section: its fields, the sections inside it, or the form chosen among several. */
export function SectionFields(props: SectionProps) {
  const { section, draft, preset, given, faults, warnings, onSet, onTyping } = props;
  const splitNames = useSplitNames(section, draft, preset);
  if (section.variants.length > 0) {
    return <VariantFields {...props} />;
  }
  return (
    <Stack gap="md">
      <SectionRemarks pointer={section.pointer} faults={faults} warnings={warnings} onSet={onSet} />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="md" style={{ alignItems: "start" }}>
        {section.fields.map((field) => (
          <FieldControl
            key={field.pointer}
            field={field}
            value={valueOfField(draft, preset, field)}
            offers={splitNames}
            change={ownChange(draft.document, given, field.pointer)}
            faults={faults.textsOf(field.pointer)}
            warnings={warnings.textsOf(field.pointer)}
            onChange={(value) => onSet(field.pointer, value)}
            onTyping={onTyping}
          />
        ))}
      </SimpleGrid>
      {section.sections.map((inner) => (
        <fieldset key={inner.pointer} data-pointer={inner.pointer} tabIndex={-1}>
          <legend>{inner.name}</legend>
          <SectionFields {...props} section={inner} />
        </fieldset>
      ))}
    </Stack>
  );
}

function VariantFields(props: SectionProps) {
  const { section, draft, preset, given, onSet } = props;
  const begun = valueAt(given, section.pointer);
  const variant = chosenVariant(section, laidOver(valueAt(preset, section.pointer), valueAt(draft.document, section.pointer)));
  const before = chosenVariant(section, begun);
  const isOtherForm = begun !== undefined && before?.name !== variant?.name;
  const names = section.variants.map((choice) => ({ value: choice.name, label: variantTitle(choice.name) }));
  const { faults, warnings, onTyping } = props;
  const data = section.isNullable ? [{ value: NONE, label: "none" }, ...names] : names;
  const choose = (name: string) => {
    const chosen = section.variants.find((choice) => choice.name === name);
    onSet(section.pointer, chosen === undefined ? null : startOfVariant(chosen));
  };
  return (
    <Stack gap="sm">
      <SegmentedControl data={data} value={variant?.name ?? NONE} onChange={choose} aria-label={section.name} />
      {isOtherForm && <PresetMark name={section.name} said={variantTitle(before?.name ?? "none")} onReset={() => onSet(section.pointer, begun)} />}
      {variant === undefined ? (
        <SectionRemarks pointer={section.pointer} faults={faults} warnings={warnings} onSet={onSet} />
      ) : variant.single !== null ? (
        <FieldControl
          key={variant.name}
          field={{ ...variant.single, description: section.description }}
          value={valueOfField(draft, preset, variant.single)}
          change={isOtherForm ? null : ownChange(draft.document, given, section.pointer)}
          faults={faults.textsOf(section.pointer)}
          warnings={warnings.textsOf(section.pointer)}
          onChange={(value) => onSet(section.pointer, value)}
          onTyping={onTyping}
        />
      ) : (
        <SectionFields key={variant.name} {...props} section={{ ...variant, variants: [] }} />
      )}
    </Stack>
  );
}

/** "RegionOptions" -> "Region". */
function variantTitle(name: string): string {
  return name.replace(/(Spec|Options|Config)$/, "");
}
