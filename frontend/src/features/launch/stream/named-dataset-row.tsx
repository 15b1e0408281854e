import { ActionIcon, Group, Stack, Text, TextInput } from "@mantine/core";

import { Icon } from "../../../components/icon";
import { withValueAt } from "../../../lib/json-pointer";
import { DatasetFields } from "../dataset/dataset-panel";
import type { RemarksByPart } from "../launch-faults";
import type { Section } from "../schema-form";
import { SectionFields, type SectionProps } from "../section-fields";
import { FaultList, WarningTexts } from "../section-remarks";
import type { NamedDataset } from "./named-datasets";

interface NamedDatasetRowProps {
  /** What one of the list is called, such as `target`. */
  noun: string;
  pointer: string;
  named: NamedDataset;
  /** Which of the list it is, and how many images it has where that is known. */
  facts: string;
  /** The form of a dataset. */
  section: Section;
  draft: SectionProps["draft"];
  /** What is said about it, with places that begin at the target. */
  faults: RemarksByPart;
  warnings: RemarksByPart;
  onChange: (named: NamedDataset) => void;
  /** Null where it cannot be removed: `needed` says why. */
  onRemove: (() => void) | null;
  needed: string;
  onTyping: SectionProps["onTyping"];
}

/** One dataset of a stream's list: its name, its dataset with the options of that, and what is said about it. */
export function NamedDatasetRow(props: NamedDatasetRowProps) {
  const { noun, pointer, named, facts, section, draft, faults, warnings, onChange, onRemove, needed, onTyping } = props;
  // The form of a dataset is at home in a document of its own.
  const own: SectionProps = {
    section,
    draft: { ...draft, document: { dataset: named.dataset } },
    preset: {},
    given: null,
    faults,
    warnings,
    onSet: (place, value) => onChange({ ...named, ...withValueAt({ dataset: named.dataset }, place, value) }),
    onTyping: (place, message) => onTyping(`${pointer}${place}`, message),
  };
  const aboutName = faults.textsOf("/name");
  return (
    <div className="step-row" role="group" aria-label={`${capitalised(noun)} ${named.name}`} data-pointer={pointer} tabIndex={-1}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-end" wrap="nowrap">
          <TextInput
            label={`Name of the ${noun === "target" ? "domain" : noun}`}
            value={named.name}
            error={aboutName.length > 0 ? aboutName.join("; ") : null}
            onChange={(event) => onChange({ ...named, name: event.currentTarget.value })}
          />
          <Text size="xs" c="dimmed">
            {facts}
          </Text>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            disabled={onRemove === null}
            onClick={() => onRemove?.()}
            aria-label={`Remove ${noun} ${named.name}`}
            title={onRemove === null ? needed : "Remove"}
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

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
