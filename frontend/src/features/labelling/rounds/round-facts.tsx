import { Anchor, Code, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";

import type { Questions, RoundCost } from "../../../api/types";
import { StateBadge } from "../../../components/state-badge";
import { formatCount, formatDuration, formatNumber, formatPercent, formatSetting, formatValue, NOTHING } from "../../../lib/format";
import { allQueries, budgetText, countsText, ruleText } from "../queries/query-words";
import { gainText } from "./budget-points";

/** How a round was asked, and how it stands. */
export function RoundFacts({ runId, questions }: { runId: string; questions: Questions }) {
  const { counts, asked, answered } = questions;
  return (
    <SimpleGrid component="dl" cols={{ base: 1, xs: 2, md: 3, lg: 4 }} spacing="md" verticalSpacing="sm" m={0}>
      <Fact title="state">
        <StateBadge state={questions.state} />
      </Fact>
      <Fact title="who answers">{questions.by_people ? "people" : "the oracle, with ground truth"}</Fact>
      {questions.by_people && <Fact title="end">{ruleText(questions)}</Fact>}
      <Fact title={`queries: ${formatNumber(allQueries(counts))}`}>{countsText(counts)}</Fact>
      <Fact title="budget">{budgetText(questions.budget, questions.unit)}</Fact>
      <Fact title="asked for">{costLine(asked)}</Fact>
      <Fact title="answered">{costLine(answered)}</Fact>
      <Fact title="acquisition">
        {questions.acquisition}
        <Parameters parameters={questions.parameters} seed={questions.seed} />
      </Fact>
      <Fact title="pool that was valued">
        {formatCount(questions.pool_size, "image")}, <Digest of={questions.pool_digest} />
        {questions.cover_radius !== null && <Small>cover radius {formatValue(questions.cover_radius)}</Small>}
      </Fact>
      <Fact title="agrees with the teacher">
        {questions.agreement === null ? NOTHING : `${formatPercent(questions.agreement)} % of the labelled pixels`}
      </Fact>
      <Fact title="images that an earlier round asked about too">{formatNumber(questions.overlap_images)}</Fact>
      <Fact title="gain of the next training">{questions.gain === null ? NOTHING : `${gainText(questions.gain)} points of mIoU`}</Fact>
      <Fact title="teacher that valued the pool">
        <Digest of={questions.model_sha256} />
      </Fact>
      <Fact title="frozen labels">
        {questions.labels_sha256 === null ? (
          "while the round is open, none"
        ) : (
          <Anchor component={Link} to={`/runs/${runId}?tab=artifacts`} size="sm" title="the files of the run, with this manifest">
            <Digest of={questions.labels_sha256} />
          </Anchor>
        )}
        {questions.changed_since > 0 && <Small>{formatCount(questions.changed_since, "answer")} changed since</Small>}
      </Fact>
    </SimpleGrid>
  );
}

function costLine(cost: RoundCost): string {
  const time = cost.seconds > 0 ? [formatDuration(cost.seconds)] : [];
  return [
    formatCount(cost.images, "image"),
    formatCount(cost.pixels, "pixel"),
    formatCount(cost.clicks, "click"),
    ...time,
  ].join(", ");
}

function Parameters({ parameters, seed }: { parameters: Readonly<Record<string, unknown>>; seed: string }) {
  const others = Object.entries(parameters).filter(([name]) => name !== "name");
  const settings = others.map(([name, value]) => `${name} ${formatSetting(value)}`);
  return <Small>{[...settings, `seed ${seed}`].join(", ")}</Small>;
}

function Digest({ of }: { of: string }) {
  return <Code title={of}>{of.slice(0, 12)}</Code>;
}

function Small({ children }: { children: ReactNode }) {
  return (
    <Text span display="block" size="xs" c="dimmed" className="break-words">
      {children}
    </Text>
  );
}

function Fact({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {title}
      </Text>
      <Text component="dd" size="sm" m={0} className="break-words">
        {children}
      </Text>
    </div>
  );
}
