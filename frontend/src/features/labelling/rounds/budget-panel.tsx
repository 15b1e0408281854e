import { SegmentedControl, Table, Text } from "@mantine/core";
import { useMemo } from "react";

import type { Rounds } from "../../../api/types";
import { LineChart } from "../../../components/line-chart";
import type { Curve } from "../../../components/line-chart-options";
import { Panel } from "../../../components/panel";
import { formatCount, formatPercent, NOTHING } from "../../../lib/format";
import { curveColour } from "../../../lib/palette";
import { type BudgetPoints, budgetPoints, COSTS, type CostKey, costText, gainOf, gainText } from "./budget-points";
import type { RoundView } from "./use-round-view";

interface BudgetPanelProps {
  rounds: Rounds;
  view: RoundView;
}

/** What labels brought: the headline score against what was labelled, drawn and in numbers. */
export function BudgetPanel({ rounds, view }: BudgetPanelProps) {
  const { cost } = view;
  const { title, meaning } = rounds.headline;
  const points = useMemo(() => budgetPoints(rounds.rounds, cost), [rounds, cost]);
  const start = rounds.initial_images > 0 ? `; ${formatCount(rounds.initial_images, "image")} of the start not counted` : "";
  return (
    <Panel
      title={`${title} against labels`}
      hint={`${meaning}, in percent after each training, against what was labelled until then${start}`}
      actions={
        <SegmentedControl
          size="xs"
          data={COSTS.map(({ key }) => ({ value: key, label: key }))}
          value={cost}
          onChange={(value) => view.change({ cost: value })}
          aria-label="what labels cost, counted in"
        />
      }
    >
      <BudgetChart title={title} points={points} cost={cost} />
      <BudgetTable rounds={rounds} />
    </Panel>
  );
}

function BudgetChart({ title, points, cost }: { title: string; points: BudgetPoints; cost: CostKey }) {
  const curves = useMemo<Curve[]>(
    () => [
      { label: "teacher", colour: curveColour(0), values: points.teacher, hasPoints: true },
      { label: "student", colour: curveColour(1), values: points.student, dash: [6, 4], hasPoints: true },
    ],
    [points],
  );
  const missing = whyNoCurve(points, cost);
  if (missing !== null) {
    return (
      <Text size="sm" c="dimmed">
        {missing}
      </Text>
    );
  }
  return (
    <LineChart
      key={cost}
      label={`${title} of teacher and student over ${COSTS.find(({ key }) => key === cost)?.axis ?? cost}`}
      x={points.x}
      curves={curves}
      xLabel={COSTS.find(({ key }) => key === cost)?.axis ?? cost}
      height={240}
    />
  );
}

function whyNoCurve({ x }: BudgetPoints, cost: CostKey): string | null {
  if (x.length < 2) {
    return `${x.length === 0 ? "No training has" : "One training has"} been tested so far; the curve begins with the second.`;
  }
  if (Math.max(...x) > 0) {
    return null;
  }
  return cost === "seconds" ? "No time was noted with the labels. Count in another unit." : "Nothing was labelled.";
}

function BudgetTable({ rounds: { rounds, headline } }: { rounds: Rounds }) {
  const { title } = headline;
  const heads = ["round", "images", "pixels", "clicks", "time", `${title}, teacher`, `${title}, student`, "gain"];
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table fz="sm" verticalSpacing={4} aria-label={`labels and ${title} of each round`} className="round-table">
        <Table.Thead>
          <Table.Tr>
            {heads.map((head, place) => (
              <Table.Th key={head} scope="col" className={place > 0 ? "number" : ""}>
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rounds.map((round) => (
            <Table.Tr key={round.index}>
              <Table.Th scope="row">round {round.index}</Table.Th>
              {COSTS.map(({ key }) => (
                <Table.Td key={key} className="number">
                  {round.train_state === "pending" ? NOTHING : costText(round.labelled, key)}
                </Table.Td>
              ))}
              <Table.Td className="number">{formatPercent(round.score)}</Table.Td>
              <Table.Td className="number">{formatPercent(round.score_student)}</Table.Td>
              <Table.Td className="number">{gainText(gainOf(rounds, round.index))}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
