import { Group, NativeSelect, SegmentedControl, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";

import type { StepTable } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { Panel } from "../../../components/panel";
import { QueryFace } from "../../../components/query-face";
import { useAddressed, useSetAddress } from "../../../lib/address";
import { StepHeatTable } from "./step-heat-table";
import type { ClassOrder } from "./step-order";
import { useStepWord } from "../step-word";

const ORDERS: { value: ClassOrder; label: string }[] = [
  { value: "forgotten", label: "worst forgotten" },
  { value: "lowest", label: "lowest IoU" },
  { value: "learned", label: "as learned" },
];
/** In rounds all classes are there from the beginning, in the order of their ids. */
const ORDERS_OF_ROUNDS: typeof ORDERS = [
  { value: "lowest", label: "lowest IoU" },
  { value: "forgotten", label: "most lost" },
  { value: "learned", label: "by id" },
];
const SHADES = [
  { value: "value", label: "shade IoU" },
  { value: "loss", label: "shade the drop" },
];

/** Step x class: what was learned, and what was forgotten since. */
export function StepTablePanel({ query }: { query: UseQueryResult<StepTable> }) {
  const word = useStepWord();
  const hasClasses = query.data === undefined || query.data.steps.length === 0 || query.data.classes.length > 0;
  const words = wordsOf(word, hasClasses);
  const orders = word === "round" ? ORDERS_OF_ROUNDS : ORDERS;
  const orderNames = orders.map(({ value }) => value);
  const [order, setOrder] = useAddressed<ClassOrder>("order", word === "round" ? "lowest" : "forgotten", orderNames);
  const [shade, setShade] = useAddressed("shade", "value", ["value", "loss"] as const);
  const controls = (
    <Group gap="xs">
      <DomainChoice table={query.data} />
      {hasClasses && (
        <>
          <SegmentedControl size="xs" data={orders} value={order} onChange={setOrder} aria-label="order of classes" />
          <SegmentedControl
            size="xs"
            data={SHADES}
            value={shade}
            onChange={(value) => setShade(value as "value" | "loss")}
            aria-label="what is shaded"
          />
        </>
      )}
    </Group>
  );
  return (
    <Panel title={words.title} hint={words.hint} actions={controls}>
      <QueryFace query={query} height={220}>
        {(table) =>
          table.steps.length === 0 ? (
            <EmptyState title={words.emptyTitle}>{words.empty}</EmptyState>
          ) : (
            <>
              <StepHeatTable table={table} order={order} shade={shade} />
              {table.test_rule !== "" && (
                <Text size="xs" c="dimmed">
                  {table.test_rule}
                </Text>
              )}
            </>
          )
        }
      </QueryFace>
    </Panel>
  );
}

function wordsOf(word: string, hasClasses: boolean): { title: string; hint: string; emptyTitle: string; empty: string } {
  if (word === "round") {
    return {
      title: "Classes by round",
      hint: "the teacher's IoU in percent after each round; below it the change since round 0",
      emptyTitle: "No round has been tested yet",
      empty: "The table gets a column at the end of each round's training, when its teacher is tested.",
    };
  }
  return {
    title: "Learned and forgotten",
    hint: hasClasses ? `IoU in percent after each ${word}; below it the drop since the class was learned` : `in percent, after each ${word}`,
    emptyTitle: `No ${word} has been tested yet`,
    empty: `The table gets a column at the end of each ${word}, when its model is tested.`,
  };
}

const TOGETHER = "";

/** Whose classes are shown, where several domains were tested; it is in the address. */
function DomainChoice({ table }: { table: StepTable | undefined }) {
  const set = useSetAddress();
  if (table === undefined || table.domains.length < 2) {
    return null;
  }
  const choose = (domain: string) => set({ domain: domain === TOGETHER ? null : domain });
  const names = table.domains.map(({ name }) => ({ value: name, label: name }));
  const data = table.domain === null ? [{ value: TOGETHER, label: "all domains together" }, ...names] : names;
  return (
    <NativeSelect size="xs" aria-label="domain of the classes" data={data} value={table.domain ?? TOGETHER} onChange={(event) => choose(event.currentTarget.value)} />
  );
}
