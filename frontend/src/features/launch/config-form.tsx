import { Accordion, Badge, Group, Text } from "@mantine/core";

import { isObject, valueAt } from "../../lib/json-pointer";
import { SectionFields, type SectionProps } from "./section-fields";
import type { Section } from "./schema-form";

interface ConfigFormProps extends Omit<SectionProps, "section"> {
  form: Section;
  /** Pointers of the groups that are open; those with a fault are open besides. */
  open: readonly string[];
  onOpen: (open: string[]) => void;
}

/** The document's parts as groups that open: dataset, stream, and each part of the method's config. */
export function ConfigForm({ form, open, onOpen, ...rest }: ConfigFormProps) {
  const groups = groupsOf(form);
  const faulty = groups.filter((group) => rest.faults.countWithin(group.pointer) > 0).map((group) => group.pointer);
  return (
    <Accordion multiple variant="separated" value={[...new Set([...open, ...faulty])]} onChange={onOpen} chevronPosition="left">
      {groups.map((section) => (
        <Accordion.Item key={section.pointer} value={section.pointer}>
          <Accordion.Control>
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

function GroupMarks({ section, draft, faults }: Omit<SectionProps, "onChange" | "onTyping">) {
  const count = faults.countWithin(section.pointer);
  const written = valueAt(draft.document, section.pointer);
  const isOwnValue = section.pointer.startsWith("/config/") && isObject(written);
  return (
    <Group gap={6} wrap="nowrap">
      {isOwnValue && (
        <Badge variant="default" size="sm" tt="none">
          {Object.keys(written).length} set
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

/** Dataset and stream, then the config's own settings, then its sections. */
function groupsOf(form: Section): Section[] {
  return form.sections.flatMap((section) => {
    if (section.pointer !== "/config") {
      return [section];
    }
    const own = section.fields.length > 0 ? [{ ...section, name: "general", sections: [] }] : [];
    return [...section.sections, ...own];
  });
}
