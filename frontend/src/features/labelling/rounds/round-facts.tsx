import { Anchor, Code, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";

import type { HeadlineScore, QueryBatch, RoundCost } from "../../../api/types";
import { StateBadge } from "../../../components/state-badge";
import { formatCount, formatDuration, formatNumber, formatPercent, formatSetting, formatValue, NOTHING } from "../../../lib/format";
import { budgetText } from "../../../lib/budget";
import { allQueries, countsText, ruleText } from "../queries/query-words";
import { gainText } from "./budget-points";

interface RoundFactsProps {
  runId: string;
  batch: QueryBatch;
  headline: HeadlineScore;
}

/** How the queries of a round were chosen, and how far it is. */
export function RoundFacts({ runId, batch, headline }: RoundFactsProps) {
  const { counts, queried, answered } = batch;
  return (
    <SimpleGrid component="dl" cols={{ base: 1, xs: 2, md: 3, lg: 4 }} spacing="md" verticalSpacing="sm" m={0}>
      <Fact title="state">
        <StateBadge state={batch.state} />
      </Fact>
      <Fact title="who answers">{batch.by_people ? "people" : "the oracle, with ground truth"}</Fact>
      {batch.by_people && <Fact title="end">{ruleText(batch)}</Fact>}
      <Fact title={`queries: ${formatNumber(allQueries(counts))}`}>{countsText(counts)}</Fact>
      <Fact title="budget">{budgetText(batch.budget, batch.unit)}</Fact>
      <Fact title="queried">{costLine(queried)}</Fact>
      <Fact title="answered">{costLine(answered)}</Fact>
      <Fact title="acquisition">
        {batch.acquisition}
        <Parameters parameters={batch.parameters} seed={batch.seed} />
      </Fact>
      <Fact title="pool that was valued">
        {formatCount(batch.pool_size, "image")}, <Digest of={batch.pool_digest} />
        {batch.cover_radius !== null && <Small>cover radius {formatValue(batch.cover_radius)}</Small>}
      </Fact>
      <Fact title="agrees with the teacher">
        {batch.agreement === null ? NOTHING : `${formatPercent(batch.agreement)} % of the labelled pixels`}
      </Fact>
      <Fact title="images that an earlier round queried too">{formatNumber(batch.overlap_images)}</Fact>
      <Fact title="gain of the next training">
        {batch.gain === null ? NOTHING : `${gainText(batch.gain)} points of ${headline.title}`}
      </Fact>
      <Fact title="teacher that valued the pool">
        <Digest of={batch.model_sha256} />
      </Fact>
      <Fact title="frozen labels">
        {batch.labels_sha256 === null ? (
          "while the round is open, none"
        ) : (
          <Anchor component={Link} to={`/runs/${runId}?tab=artifacts`} size="sm" title="the files of the run, with this manifest">
            <Digest of={batch.labels_sha256} />
          </Anchor>
        )}
        {batch.changed_since > 0 && <Small>{formatCount(batch.changed_since, "answer")} changed since</Small>}
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
