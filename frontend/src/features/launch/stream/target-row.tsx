import { ActionIcon, Group, Stack, Text, TextInput } from "@mantine/core";

import { Icon } from "../../../components/icon";
import { withValueAt } from "../../../lib/json-pointer";
import { DatasetFields } from "../dataset/dataset-panel";
import type { RemarksByPart } from "../launch-faults";
import type { Section } from "../schema-form";
import { SectionFields, type SectionProps } from "../section-fields";
import { FaultList, WarningTexts } from "../section-remarks";
import { pointerOfTarget, type Target } from "./targets";

interface TargetRowProps {
  index: number;
  target: Target;
  /** How many images it has, where that is known. */
  facts: string;
  /** The form of a dataset. */
  section: Section;
  draft: SectionProps["draft"];
  /** What is said about it, with places that begin at the target. */
  faults: RemarksByPart;
  warnings: RemarksByPart;
  onChange: (target: Target) => void;
  /** Null where it cannot be removed. */
  onRemove: (() => void) | null;
  onTyping: SectionProps["onTyping"];
}

/** One target: its name, its dataset with the options of that, and what is said about it. */
export function TargetRow({ index, target, facts, section, draft, faults, warnings, onChange, onRemove, onTyping }: TargetRowProps) {
  const pointer = pointerOfTarget(index);
  // The form of a dataset is at home in a document of its own.
  const own: SectionProps = {
    section,
    draft: { ...draft, document: { dataset: target.dataset } },
    preset: {},
    given: null,
    faults,
    warnings,
    onSet: (place, value) => onChange({ ...target, ...withValueAt({ dataset: target.dataset }, place, value) }),
    onTyping: (place, message) => onTyping(`${pointer}${place}`, message),
  };
  const named = faults.textsOf("/name");
  return (
    <div className="step-row" role="group" aria-label={`Target ${target.name}`} data-pointer={pointer} tabIndex={-1}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-end" wrap="nowrap">
          <TextInput
            label="Name of the domain"
            value={target.name}
            error={named.length > 0 ? named.join("; ") : null}
            onChange={(event) => onChange({ ...target, name: event.currentTarget.value })}
          />
          <Text size="xs" c="dimmed">
            target {index + 1}
            {facts}
          </Text>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            disabled={onRemove === null}
            onClick={() => onRemove?.()}
            aria-label={`Remove target ${target.name}`}
            title={onRemove === null ? "at least two targets are needed" : "Remove"}
          >
            <Icon name="cancel" size={12} />
          </ActionIcon>
        </Group>
        <FaultList faults={faults.of("")} />
        <DatasetFields
          {...own}
          options={(variant) => (
            <details open={faults.count(variant.fields.map((field) => field.pointer)) > 0}>
              <summary>Options of the dataset</summary>
              <SectionFields {...own} section={variant} />
            </details>
          )}
        />
        <WarningTexts texts={warnings.textsOf("")} />
      </Stack>
    </div>
  );
}
