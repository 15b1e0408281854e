import { Text } from "@mantine/core";

import type { ClassLabel } from "../../../api/types";
import { ClassName } from "../../../components/class-name";
import { Markdown } from "../../../components/markdown";
import { type Instructions, isTold } from "./hand-out-query";

interface InstructionsTextProps {
  told: Instructions;
  classes: readonly ClassLabel[];
}

/** What people are told about the round, and then about single classes. */
export function InstructionsText({ told, classes }: InstructionsTextProps) {
  const { instructions, class_instructions: ofClasses } = told;
  if (!isTold(told)) {
    return (
      <Text size="sm" c="dimmed">
        There are no instructions.
      </Text>
    );
  }
  return (
    <>
      {instructions.trim() !== "" && <Markdown text={instructions} />}
      {classes
        .filter(({ name }) => name in ofClasses)
        .map((label) => (
          <section key={label.id} aria-label={`about ${label.name}`}>
            <ClassName name={label.name} colour={label.colour} />
            <Markdown text={ofClasses[label.name] ?? ""} />
          </section>
        ))}
    </>
  );
}
