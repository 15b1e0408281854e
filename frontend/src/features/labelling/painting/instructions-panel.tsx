import { CloseButton, Text } from "@mantine/core";

import type { ClassLabel } from "../../../api/types";
import { ClassName } from "../../../components/class-name";
import { Markdown } from "../../../components/markdown";
import type { Instructions } from "../instructions/hand-out-query";
import { InstructionsText } from "../instructions/instructions-text";

interface InstructionsPanelProps {
  told: Instructions;
  classes: readonly ClassLabel[];
  /** The class that is painted with. */
  classId: number;
  onClose: () => void;
}

/** What people are told, over the edge of the image: first about the class in hand. Painting goes on beside it. */
export function InstructionsPanel({ told, classes, classId, onClose }: InstructionsPanelProps) {
  const inHand = classes.find(({ id }) => id === classId);
  const about = inHand === undefined ? undefined : told.class_instructions[inHand.name];
  return (
    <aside className="paint-card" data-place="left" aria-label="instructions">
      <header className="side-head">
        <Text size="sm" fw={650}>
          Instructions
        </Text>
        <CloseButton size="sm" aria-label="close the instructions" onClick={onClose} />
      </header>
      <div className="paint-card-body" tabIndex={0} role="group" aria-label="text of the instructions">
        {inHand !== undefined && about !== undefined && (
          <section className="in-hand" aria-label="about the class in hand">
            <ClassName name={inHand.name} colour={inHand.colour} />
            <Markdown text={about} />
          </section>
        )}
        <InstructionsText told={told} classes={classes.filter(({ id }) => id !== classId)} />
      </div>
    </aside>
  );
}
