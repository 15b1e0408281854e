import { Alert, Button, Code, Group, List, Text } from "@mantine/core";

import { Icon } from "../../components/icon";
import { pointerParts } from "../../lib/json-pointer";
import type { Remark, RemarksByPart } from "./launch-faults";

interface SectionRemarksProps {
  pointer: string;
  faults: RemarksByPart;
  warnings: RemarksByPart;
  onSet: (pointer: string, value: unknown) => void;
}

/** What is said about a section and no control of it: an unknown key, or how its settings go together. */
export function SectionRemarks({ pointer, faults, warnings, onSet }: SectionRemarksProps) {
  return (
    <>
      <FaultList faults={faults.of(pointer)} onSet={onSet} />
      <WarningTexts texts={warnings.textsOf(pointer)} />
    </>
  );
}

/** Faults that no control shows; an unknown key can be taken away here. */
export function FaultList({ faults, onSet }: { faults: readonly Remark[]; onSet?: SectionRemarksProps["onSet"] }) {
  if (faults.length === 0) {
    return null;
  }
  return (
    <Alert color="red" variant="light" icon={<Icon name="failed" />} role="alert" tabIndex={-1} data-fault>
      <List size="sm" listStyleType="none" spacing={4}>
        {faults.map((fault) => (
          <List.Item key={`${fault.pointer} ${fault.message}`}>
            <Group gap="xs">
              <Code>{fault.pointer || "/"}</Code>
              <span>{fault.message}</span>
              {fault.code === "extra_forbidden" && onSet !== undefined && (
                <Button size="compact-xs" variant="default" onClick={() => onSet(fault.pointer, undefined)}>
                  Remove {pointerParts(fault.pointer).at(-1)}
                </Button>
              )}
            </Group>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** Warnings as lines of text. */
export function WarningTexts({ texts }: { texts: readonly string[] }) {
  return texts.map((text) => (
    <Text key={text} size="xs" fw={500} className="warning-text">
      <Icon name="failed" size={12} /> {text}
    </Text>
  ));
}
