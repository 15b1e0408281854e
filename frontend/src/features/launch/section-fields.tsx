import { SegmentedControl, SimpleGrid, Stack } from "@mantine/core";

import { valueAt } from "../../lib/json-pointer";
import { type Draft, type DraftChange, valueOfField } from "./draft";
import { FieldControl } from "./field-control";
import type { FaultsByField } from "./launch-faults";
import { chosenVariant, type Section } from "./schema-form";

export interface SectionProps {
  section: Section;
  draft: Draft;
  preset: unknown;
  faults: FaultsByField;
  onChange: (change: DraftChange) => void;
  /** Told when a control holds what cannot be read, and when it is right again. */
  onTyping: (pointer: string, isWrong: boolean) => void;
}

/** The controls of a section: its fields, the sections inside it, or the form chosen among several. */
export function SectionFields(props: SectionProps) {
  const { section, draft, preset, faults, onChange, onTyping } = props;
  if (section.variants.length > 0) {
    return <VariantFields {...props} />;
  }
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="md" style={{ alignItems: "start" }}>
        {section.fields.map((field) => (
          <FieldControl
            key={field.pointer}
            field={field}
            value={valueOfField(draft, preset, field)}
            faults={faults.of(field.pointer)}
            onChange={(value) => onChange({ type: "set", pointer: field.pointer, value })}
            onTyping={onTyping}
          />
        ))}
      </SimpleGrid>
      {section.sections.map((inner) => (
        <fieldset key={inner.pointer}>
          <legend>{inner.name}</legend>
          <SectionFields {...props} section={inner} />
        </fieldset>
      ))}
    </Stack>
  );
}

function VariantFields(props: SectionProps) {
  const { section, draft, preset, onChange } = props;
  const variant = chosenVariant(section, valueAt(draft.document, section.pointer) ?? valueAt(preset, section.pointer));
  if (variant === undefined) {
    return null;
  }
  const data = section.variants.map((choice) => ({ value: choice.name, label: variantTitle(choice.name) }));
  const choose = (name: string) => {
    const chosen = section.variants.find((choice) => choice.name === name);
    const empty = Object.fromEntries((chosen?.required ?? []).map((key) => [key, EMPTY_VARIANT[key] ?? ""]));
    onChange({ type: "set", pointer: section.pointer, value: empty });
  };
  return (
    <Stack gap="sm">
      <SegmentedControl data={data} value={variant.name} onChange={choose} aria-label={section.name} />
      <SectionFields {...props} section={{ ...variant, variants: [] }} />
    </Stack>
  );
}

/** What a form of the dataset begins with when it is chosen. */
const EMPTY_VARIANT: Readonly<Record<string, string>> = { world: "objects", adapter: "voc" };

/** "WorldDatasetSpec" -> "World". */
function variantTitle(name: string): string {
  return name.replace(/(DatasetSpec|Spec|Options|Config)$/, "");
}
