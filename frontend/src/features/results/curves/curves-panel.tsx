import { Anchor, Group, MultiSelect, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import { useSearchParams } from "react-router";

import type { SeedCurve } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { Icon } from "../../../components/icon";
import { LineChart } from "../../../components/line-chart";
import { Panel } from "../../../components/panel";
import { Problem } from "../../../components/problem";
import { QueryFace } from "../../../components/query-face";
import { useSetAddress } from "../../../lib/address";
import { formatCount } from "../../../lib/format";
import { curveKeysQuery, type CurvesOf, curveTableAddress, seedCurvesQuery } from "./curve-queries";
import { seedChart, seedOffsets, stageMarks } from "./seed-chart";

const MOST_CHARTS = 6;
const FIRST_CHARTS = 2;

interface CurvesPanelProps {
  of: CurvesOf;
  /** Whether a run still goes on. */
  isOpen: boolean;
  /** Whether a member has several seeds. */
  hasMeans: boolean;
}

/** Losses and other measurements, one chart for each with all members over one another; zoom is that of all charts. */
export function CurvesPanel({ of, isOpen, hasMeans }: CurvesPanelProps) {
  const query = useQuery(curveKeysQuery(of, isOpen));
  const [params, setParams] = useSearchParams();
  const set = useSetAddress();
  const [hasSeeds, isLogarithmic] = [hasMeans && params.get("seeds") === "single", params.get("scale") === "log"];
  const choose = (keys: string[]) => {
    params.delete("curve");
    keys.forEach((key) => params.append("curve", key));
    setParams(params, { replace: true, preventScrollReset: true });
  };
  return (
    <Panel
      title="Curves"
      hint={`${hasMeans ? "mean over the seeds, in a band of ± sample standard deviation; " : ""}over the iterations of all stages; drag to zoom all charts, double-click for everything, click a name to hide it`}
    >
      <QueryFace query={query} height={220}>
        {({ items }) => {
          const known = items.map(({ key }) => key);
          if (known.length === 0) {
            return <EmptyState title="Nothing measured yet">The first points come a few iterations after the first stage has begun.</EmptyState>;
          }
          const shown = shownCurves(known, params.getAll("curve"));
          return (
            <Stack gap="md">
              <MultiSelect label="Shown" data={known} value={shown} onChange={choose} maxValues={MOST_CHARTS} searchable hidePickedOptions limit={200} />
              <Group>
                {hasMeans && (
                  <Switch
                    label="single seeds"
                    size="xs"
                    checked={hasSeeds}
                    onChange={(event) => set({ seeds: event.currentTarget.checked ? "single" : null })}
                  />
                )}
                <Switch
                  label="logarithmic values"
                  size="xs"
                  checked={isLogarithmic}
                  onChange={(event) => set({ scale: event.currentTarget.checked ? "log" : null })}
                />
              </Group>
              <SeedCharts of={of} keys={shown} hasSeeds={hasSeeds} isLogarithmic={isLogarithmic} isOpen={isOpen} />
            </Stack>
          );
        }}
      </QueryFace>
    </Panel>
  );
}

/** The curves of the address that there are, else the first losses, else the first of all. */
function shownCurves(known: readonly string[], chosen: readonly string[]): string[] {
  const found = chosen.filter((key) => known.includes(key)).slice(0, MOST_CHARTS);
  const losses = known.filter((key) => key.startsWith("loss"));
  return found.length > 0 ? found : (losses.length > 0 ? losses : known).slice(0, FIRST_CHARTS);
}

interface SeedChartsProps {
  of: CurvesOf;
  keys: readonly string[];
  hasSeeds: boolean;
  isLogarithmic: boolean;
  isOpen: boolean;
}

function SeedCharts({ of, keys, hasSeeds, isLogarithmic, isOpen }: SeedChartsProps) {
  const { answers, error, retry } = useQueries({ queries: keys.map((key) => seedCurvesQuery(of, key, hasSeeds, isOpen)), combine });
  // All charts have one axis, so that they can be zoomed together.
  const offsets = useMemo(() => seedOffsets(answers.flatMap((curves) => curves ?? [])), [answers]);
  return (
    <>
      {keys.map((key, place) => {
        const members = answers[place];
        return (
          <div key={key}>
            <Group justify="space-between">
              <Text size="sm" fw={600}>
                {key}
              </Text>
              <Anchor href={curveTableAddress(of, key, hasSeeds)} download size="sm" className="with-icon" aria-label={`${key} as CSV`}>
                <Icon name="download" size={14} /> CSV
              </Anchor>
            </Group>
            {members === undefined ? <Skeleton height={260} /> : <SeedCurveChart name={key} members={members} offsets={offsets} isLogarithmic={isLogarithmic} />}
          </div>
        );
      })}
      {error !== null && <Problem error={error} onRetry={retry} />}
    </>
  );
}

interface SeedCurveChartProps {
  name: string;
  members: readonly SeedCurve[];
  offsets: readonly number[];
  isLogarithmic: boolean;
}

function SeedCurveChart({ name, members, offsets, isLogarithmic }: SeedCurveChartProps) {
  const drawn = useMemo(() => seedChart(members, offsets, isLogarithmic), [members, offsets, isLogarithmic]);
  const markers = useMemo(() => [...stageMarks(offsets), ...drawn.markers], [offsets, drawn]);
  const thinned = members.some(({ downsampled }) => downsampled);
  return (
    <>
      <LineChart label={name} x={drawn.x} curves={drawn.curves} markers={markers} xLabel="iteration" isLogarithmic={isLogarithmic} syncKey="results" />
      {thinned && (
        <Text size="xs" c="dimmed">
          Some points are left out; the greatest and least mean of each stretch are kept. The CSV has every point.
        </Text>
      )}
      {drawn.notFinite > 0 && (
        <Text size="xs" c="red">
          {formatCount(drawn.notFinite, "value")} not finite (NaN or infinite): in no mean, and marked where the first stands.
        </Text>
      )}
    </>
  );
}

function combine(results: UseQueryResult<SeedCurve[]>[]) {
  return {
    answers: results.map(({ data }) => data),
    error: results.find(({ error, data }) => error !== null && data === undefined)?.error ?? null,
    retry: () => results.forEach((result) => void result.refetch()),
  };
}
