import { Skeleton, Text } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";

import type { Point, RunDetail, SeriesAnswer } from "../../api/types";
import { LineChart } from "../../components/line-chart";
import type { Curve } from "../../components/line-chart-options";
import { Problem } from "../../components/problem";
import { curveColour } from "../../lib/palette";
import { alignCurves, stageOffsets } from "./curve-axis";
import { type LiveData, mergePoints } from "./live-data";
import { seriesQuery } from "./run-queries";

interface CurveChartProps {
  run: RunDetail;
  keys: readonly string[];
  live: LiveData;
  isLogarithmic: boolean;
}

const NO_POINTS: readonly Point[] = [];
const DASHES = [[], [8, 4], [2, 3], [8, 3, 2, 3], [14, 4], [4, 2]];

/** Curves of one kind: what was stored, and what came since by the feed. */
export function CurveChart({ run, keys, live, isLogarithmic }: CurveChartProps) {
  const { answers, isPending, error, retry } = useQueries({
    queries: keys.map((key) => seriesQuery(run.id, key)),
    combine: combineAnswers,
  });
  const { stages } = run;
  const drawn = useMemo(() => {
    const points = keys.map((key, place) => mergePoints(answers[place]?.points ?? NO_POINTS, live.points[key] ?? NO_POINTS));
    const offsets = stageOffsets(stages, points);
    const { x, values } = alignCurves(points, offsets);
    const curves = keys.map((label, place): Curve => ({
      label,
      colour: curveColour(place),
      dash: DASHES[place % DASHES.length] ?? [],
      values: isLogarithmic ? (values[place] ?? []).map(positive) : (values[place] ?? []),
    }));
    const markers = offsets.map((offset, index) => ({ x: offset, label: `stage ${index}` }));
    return { x, curves, markers };
  }, [keys, answers, live.points, stages, isLogarithmic]);
  if (isPending) {
    return <Skeleton height={260} />;
  }
  if (error !== null) {
    return <Problem error={error} onRetry={retry} />;
  }
  const thinned = answers.find((answer) => answer?.downsampled);
  return (
    <div>
      <LineChart label={keys.join(", ")} {...drawn} xLabel="iteration of the run" isLogarithmic={isLogarithmic} />
      {thinned !== undefined && (
        <Text size="xs" c="dimmed">
          Drawn from {thinned.points.length} of {thinned.count} points; the greatest and least of each stretch are kept.
        </Text>
      )}
    </div>
  );
}

function combineAnswers(
  results: { data: SeriesAnswer | undefined; isPending: boolean; error: Error | null; refetch: () => unknown }[],
) {
  return {
    answers: results.map((result) => result.data),
    isPending: results.some((result) => result.isPending),
    error: results.find((result) => result.error !== null && result.data === undefined)?.error ?? null,
    retry: () => results.forEach((result) => void result.refetch()),
  };
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}
