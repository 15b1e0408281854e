import { Skeleton, Text } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";

import type { Point, RunDetail, SeriesAnswer, StageSummary } from "../../../api/types";
import { LineChart } from "../../../components/line-chart";
import type { Curve, Marker } from "../../../components/line-chart-options";
import { Problem } from "../../../components/problem";
import { formatCount, formatNumber } from "../../../lib/format";
import { curveColour } from "../../../lib/palette";
import { alignCurves, failureMarkers, stageMarkers, stageOffsets } from "./curve-axis";
import { type LiveData, mergePoints } from "../feed/live-data";
import { seriesQuery } from "./series-queries";

interface CurveChartProps {
  run: RunDetail;
  /** Keys of the curves, one a line. */
  names: string;
  live: LiveData;
  isLogarithmic: boolean;
}

const NO_POINTS: readonly Point[] = [];
const DASHES = [[], [8, 4], [2, 3], [8, 3, 2, 3], [14, 4], [4, 2]];

/** Curves of one kind: what was stored, and what came since by the feed. */
export function CurveChart({ run, names, live, isLogarithmic }: CurveChartProps) {
  const keys = useMemo(() => names.split("\n"), [names]);
  const { answers, isPending, isPartial, error, retry } = useQueries({
    queries: keys.map((key) => seriesQuery(run.id, key)),
    combine: combineAnswers,
  });
  if (isPending) {
    return <Skeleton height={260} />;
  }
  if (error !== null && answers.every((answer) => answer === undefined)) {
    return <Problem error={error} onRetry={retry} />;
  }
  const thinned = answers.find((answer) => answer?.downsampled);
  return (
    <div aria-busy={isPartial}>
      <MergedCurves stages={run.stages} keys={keys} answers={answers} live={live.points} isLogarithmic={isLogarithmic} />
      {thinned !== undefined && (
        <Text size="xs" c="dimmed">
          Drawn from {formatNumber(thinned.points.length)} of {formatCount(thinned.count, "point")}; the greatest and least of each
          stretch are kept.
        </Text>
      )}
      {error !== null && <Problem error={error} onRetry={retry} />}
    </div>
  );
}

interface MergedCurvesProps {
  stages: readonly StageSummary[];
  keys: readonly string[];
  answers: readonly (SeriesAnswer | undefined)[];
  live: LiveData["points"];
  isLogarithmic: boolean;
}

function MergedCurves({ stages, keys, answers, live, isLogarithmic }: MergedCurvesProps) {
  const points = useMemo(
    () => keys.map((key, place) => mergePoints(answers[place]?.points ?? NO_POINTS, live[key] ?? NO_POINTS)),
    [keys, answers, live],
  );
  // As text they stay the same while a stage moves on, and the curves need not be laid anew.
  const starts = stageOffsets(stages, points).join();
  const begins = starts.split(",").map(Number);
  const marks = JSON.stringify([...stageMarkers(stages, begins), ...failureMarkers(stages, begins)]);
  const drawn = useMemo(() => {
    const offsets = starts.split(",").map(Number);
    const { x, values } = alignCurves(points, offsets);
    const curves = keys.map((label, place): Curve => ({
      label,
      colour: curveColour(place),
      dash: DASHES[place % DASHES.length] ?? [],
      values: isLogarithmic ? (values[place] ?? []).map(positive) : (values[place] ?? []),
    }));
    return { x, curves, markers: JSON.parse(marks) as Marker[] };
  }, [keys, points, starts, marks, isLogarithmic]);
  return <LineChart label={keys.join(", ")} {...drawn} xLabel="iteration of the run" isLogarithmic={isLogarithmic} />;
}

function combineAnswers(
  results: { data: SeriesAnswer | undefined; isPending: boolean; error: Error | null; refetch: () => unknown }[],
) {
  return {
    answers: results.map((result) => result.data),
    // A curve that joins later must not take the others away while it is asked for.
    isPending: results.every((result) => result.isPending),
    isPartial: results.some((result) => result.isPending),
    error: results.find((result) => result.error !== null && result.data === undefined)?.error ?? null,
    retry: () => results.forEach((result) => void result.refetch()),
  };
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}
