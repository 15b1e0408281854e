import { SegmentedControl, Group } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";

import type { StepTable } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { Panel } from "../../../components/panel";
import { QueryFace } from "../../../components/query-face";
import { StepHeatTable } from "./step-heat-table";
import type { ClassOrder } from "./step-order";
import { type StepWord, useStepWord } from "../step-word";

const ORDERS: Record<StepWord, { value: ClassOrder; label: string }[]> = {
  step: [
    { value: "forgotten", label: "worst forgotten" },
    { value: "lowest", label: "lowest IoU" },
    { value: "learned", label: "as learnt" },
  ],
  // All classes are there from the beginning, in the order of their ids.
  round: [
    { value: "lowest", label: "lowest IoU" },
    { value: "forgotten", label: "most lost" },
    { value: "learned", label: "by id" },
  ],
};
const WORDS: Record<StepWord, { title: string; hint: string; emptyTitle: string; empty: string }> = {
  step: {
    title: "Learned and forgotten",
    hint: "IoU in percent after each step; below it the drop since the class was learnt",
    emptyTitle: "No step has been tested yet",
    empty: "The table gets a column at the end of each step, when its model is tested on every class seen so far.",
  },
  round: {
    title: "Classes by round",
    hint: "the teacher's IoU in percent after each round; below it the change since round 0",
    emptyTitle: "No round has been tested yet",
    empty: "The table gets a column at the end of each round's training, when its teacher is tested.",
  },
};
const SHADES = [
  { value: "value", label: "shade IoU" },
  { value: "loss", label: "shade the drop" },
];

/** Step x class: what was learned, and what was forgotten since. */
export function StepTablePanel({ query }: { query: UseQueryResult<StepTable> }) {
  const word = useStepWord();
  const words = WORDS[word];
  const [order, setOrder] = useState<ClassOrder>(word === "round" ? "lowest" : "forgotten");
  const [shade, setShade] = useState<"value" | "loss">("value");
  const controls = (
    <Group gap="xs">
      <SegmentedControl
        size="xs"
        data={ORDERS[word]}
        value={order}
        onChange={setOrder}
        aria-label="order of classes"
      />
      <SegmentedControl
        size="xs"
        data={SHADES}
        value={shade}
        onChange={(value) => setShade(value as "value" | "loss")}
        aria-label="what is shaded"
      />
    </Group>
  );
  return (
    <Panel title={words.title} hint={words.hint} actions={controls}>
      <QueryFace query={query} height={220}>
        {(table) =>
          table.steps.length === 0 ? (
            <EmptyState title={words.emptyTitle}>{words.empty}</EmptyState>
          ) : (
            <StepHeatTable table={table} order={order} shade={shade} />
          )
        }
      </QueryFace>
    </Panel>
  );
}
