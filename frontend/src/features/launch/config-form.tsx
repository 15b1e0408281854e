import { Accordion, Badge, Group, Text } from "@mantine/core";

import { isObject, valueAt } from "../../lib/json-pointer";
import { changesOf } from "./own-change";
import { SectionFields, type SectionProps } from "./section-fields";
import { partsOf, type Section } from "./schema-form";

interface ConfigFormProps extends Omit<SectionProps, "section"> {
  sections: readonly Section[];
  /** Pointers of the groups that are open; those with a fault are open besides. */
  open: readonly string[];
  onOpen: (open: string[]) => void;
}

/** Parts of the document as groups that open, such as each part of the method's config. */
export function ConfigForm({ sections, open, onOpen, ...rest }: ConfigFormProps) {
  const groups = groupsOf(sections);
  const faulty = groups.filter((group) => rest.faults.count(partsOf(group)) > 0).map((group) => group.pointer);
  return (
    <Accordion multiple variant="separated" value={[...new Set([...open, ...faulty])]} onChange={onOpen} chevronPosition="left">
      {groups.map((section) => (
        <Accordion.Item key={section.pointer} value={section.pointer}>
          <Accordion.Control data-pointer={section.pointer}>
            <Group justify="space-between" wrap="nowrap" pr="sm">
              <div>
                <Text fw={600} size="sm">
                  {section.name}
                </Text>
                <Text size="xs" c="dimmed">
                  {section.description}
                </Text>
              </div>
              <GroupMarks section={section} {...rest} />
            </Group>
          </Accordion.Control>
          <Accordion.Panel>
            <SectionFields section={section} {...rest} />
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

function GroupMarks({ section, draft, given, faults }: Omit<SectionProps, "onSet" | "onTyping" | "warnings">) {
  const count = faults.count(partsOf(section));
  const parts = section.variants.length > 0 ? [section] : [...section.fields, ...section.sections];
  const known = parts.filter(({ pointer }) => valueAt(given, pointer) !== undefined);
  const changed = known.reduce((sum, { pointer }) => sum + changesOf(valueAt(draft.document, pointer), valueAt(given, pointer)), 0);
  const written = valueAt(draft.document, section.pointer);
  const isOwnValue = given === null && section.pointer.startsWith("/config/") && isObject(written);
  return (
    <Group gap={6} wrap="nowrap">
      {isOwnValue && (
        <Badge variant="default" size="sm" tt="none">
          {Object.keys(written).length} set
        </Badge>
      )}
      {changed > 0 && (
        <Badge variant="light" size="sm" tt="none">
          {changed} changed
        </Badge>
      )}
      {count > 0 && (
        <Badge color="red" size="sm" tt="none">
          {count} {count === 1 ? "fault" : "faults"}
        </Badge>
      )}
    </Group>
  );
}

/** Of a config its sections, then its own settings; other parts of the document as they are. */
export function groupsOf(sections: readonly Section[]): Section[] {
  return sections.flatMap((section) => {
    if (section.pointer !== "/config") {
      return [section];
    }
    const own = section.fields.length > 0 ? [{ ...section, name: "general", sections: [] }] : [];
    return [...section.sections, ...own];
  });
}
