import { Alert, Text } from "@mantine/core";

import type { StepTable } from "../../../api/types";
import { Icon } from "../../../components/icon";
import { useStepWord } from "../step-word";
import { collapseSentences } from "./collapse";

/** Says in words what a glance at a mean does not show: that the background or everything old is lost. */
export function CollapseNotice({ table }: { table: StepTable }) {
  const sentences = collapseSentences(table, useStepWord());
  if (sentences.length === 0) {
    return null;
  }
  return (
    <Alert color="orange" variant="light" icon={<Icon name="failed" />} title="Knowledge was lost">
      {sentences.map((sentence) => (
        <Text key={sentence} size="sm">
          {sentence}
        </Text>
      ))}
      <Text size="sm">The table below shows every class; the curves show whether the training loss explains it.</Text>
    </Alert>
  );
}
