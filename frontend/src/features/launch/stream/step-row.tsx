import { ActionIcon, Button, Group, Text } from "@mantine/core";
import { type DragEvent, type ReactNode, useState } from "react";

import { Icon } from "../../../components/icon";

interface StepRowProps {
  title: string;
  /** How many classes and images it has. */
  facts: string;
  /** Classes that are selected and could be moved here. */
  numSelected: number;
  faults: readonly string[];
  onMoveHere: () => void;
  /** A class was dragged here. */
  onDropOf: (id: number) => void;
  /** Null where the row cannot be removed. */
  onRemove: (() => void) | null;
  children: ReactNode;
}

/** One step, or the classes of no step: what is in it, and ways to move classes there. */
export function StepRow({ title, facts, numSelected, faults, onMoveHere, onDropOf, onRemove, children }: StepRowProps) {
  const [isOver, setOver] = useState(false);
  const dragOver = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const id = Number.parseInt(event.dataTransfer.getData("text/plain"), 10);
    if (Number.isInteger(id)) {
      onDropOf(id);
    }
  };
  return (
    <div
      className="step-row"
      role="group"
      aria-label={title}
      data-over={isOver || undefined}
      data-faulty={faults.length > 0 || undefined}
      onDragOver={dragOver}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <Text size="sm">
          <b>{title}</b>{" "}
          <Text span size="xs" c="dimmed">
            {facts}
          </Text>
        </Text>
        <Group gap={4} wrap="nowrap">
          {numSelected > 0 && (
            <Button size="compact-xs" variant="light" onClick={onMoveHere} aria-label={`Move ${numSelected} selected to ${title}`}>
              Move {numSelected} here
            </Button>
          )}
          {onRemove !== null && (
            <ActionIcon size="sm" variant="subtle" color="gray" onClick={onRemove} aria-label={`Remove ${title}`} title="Remove">
              <Icon name="cancel" size={12} />
            </ActionIcon>
          )}
        </Group>
      </Group>
      <Group gap={6} mt={4}>
        {children}
      </Group>
      {faults.map((fault) => (
        <Text key={fault} size="xs" c="red" role="alert" tabIndex={-1} data-fault>
          {fault}
        </Text>
      ))}
    </div>
  );
}
