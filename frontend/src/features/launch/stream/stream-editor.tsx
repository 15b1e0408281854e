import { Button, Group, Stack, Text, VisuallyHidden } from "@mantine/core";
import { useRef } from "react";

import type { StreamPreview } from "../../../api/types";
import { formatCount } from "../../../lib/format";
import { ClassChip, type CountedClass } from "./class-chip";
import { countedStep, factsOfStep, imagesAt } from "./step-facts";
import { StepRow } from "./step-row";
import { classesTwice, leftOut, type Place, type Steps, withAddedStep, withoutStep } from "./steps";
import { useClassMoves } from "./use-class-moves";

interface StreamEditorProps {
  steps: Steps;
  classes: readonly CountedClass[];
  preview: StreamPreview | undefined;
  /** Faults of one step, by its number. */
  faultsOfStep: (index: number) => readonly string[];
  onChange: (steps: Steps) => void;
}

/** Which classes arrive at which step: classes are moved with the mouse, or with the arrow keys. */
export function StreamEditor({ steps, classes, preview, faultsOfStep, onChange }: StreamEditorProps) {
  const ids = classes.map((label) => label.id);
  const free = leftOut(steps, ids);
  const container = useRef<HTMLDivElement>(null);
  const moves = useClassMoves({ container, steps, ids, onChange });
  const twice = classesTwice(steps);
  const labels = new Map(classes.map((label) => [label.id, label]));
  const chip = (id: number, place: number, images: number | null) => (
    <ClassChip
      key={`${place} ${id}`}
      label={labels.get(id) ?? { id, name: `class ${id}`, colour: "", images: null }}
      images={images}
      isSelected={moves.selected.includes(id)}
      isReached={moves.current === id}
      isTwice={twice.has(id)}
      onToggle={() => moves.toggle(id)}
      onKeyDown={(event) => moves.onKeyDown(event, id)}
      onDragStart={(event) => event.dataTransfer.setData("text/plain", String(id))}
    />
  );
  const row = (target: Place) => ({
    numSelected: moves.selected.length,
    onMoveHere: () => moves.move(moves.selected, target),
    onDropOf: (id: number) => moves.move(moves.selected.includes(id) ? moves.selected : [id], target),
  });
  return (
    <Stack gap={6} ref={container}>
      {steps.map((step, index) => {
        const counted = countedStep(preview, steps, index);
        return (
          <StepRow
            // A step has no name but its number.
            key={index}
            title={`Step ${index}`}
            facts={factsOfStep(step, counted)}
            faults={faultsOfStep(index)}
            onRemove={steps.length > 1 ? () => onChange(withoutStep(steps, index)) : null}
            {...row(index)}
          >
            {step.map((id, place) => chip(id, place, imagesAt(counted, place)))}
          </StepRow>
        );
      })}
      <StepRow title="No step" facts={ids.length === 0 ? "" : factsOfFree(free.length, preview)} faults={[]} onRemove={null} {...row(null)}>
        {free.map((id, place) => chip(id, place, null))}
      </StepRow>
      <Group justify="space-between" gap="xs">
        <Button size="compact-sm" variant="default" onClick={() => onChange(withAddedStep(steps))}>
          Add a step
        </Button>
        <Text size="xs" c="dimmed">
          Click or Space selects, drag or “Move here” moves. Keys: arrows walk, Shift with ↑ ↓ moves, Esc selects nothing.
        </Text>
      </Group>
      <VisuallyHidden aria-live="polite">{moves.said}</VisuallyHidden>
    </Stack>
  );
}

function factsOfFree(count: number, preview: StreamPreview | undefined): string {
  const unused = preview?.images_unused ?? 0;
  const images = unused === 0 ? "" : `; ${formatCount(unused, "image")} are used by no step`;
  return `${count === 0 ? "every class is learned" : `${formatCount(count, "class", "classes")}, never learned`}${images}`;
}
