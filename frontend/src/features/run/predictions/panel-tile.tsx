import { Skeleton, Text } from "@mantine/core";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";

import type { PredictedImage, PredictionClass, StepPrediction } from "../../../api/types";
import type { IndexMap } from "../../../lib/index-map";
import { paintClasses, paletteOf } from "../../../lib/label-colours";
import { idsAfter } from "./panel-rows";
import { paintVerdicts } from "./painting";
import { PixelCanvas } from "./pixel-canvas";
import { indexMapQuery } from "./predictions-query";
import { verdictsOf } from "./verdicts";

/** What all tiles of the panels show. */
export interface PanelView {
  mode: "prediction" | "errors";
  /** All classes are shown alike where none is chosen. */
  chosen: PredictionClass | null;
  classes: readonly PredictionClass[];
}

interface TileProps {
  image: PredictedImage;
  view: PanelView;
}

/** The ground truth, in the colours of its classes. */
export function TruthTile({ image, view }: TileProps) {
  const truth = useQuery(indexMapQuery(image.labels));
  return (
    <TileFace image={image} queries={[truth]}>
      {([labels]) => <ClassTile image={image} view={view} map={labels} alt={`ground truth of ${image.source}`} />}
    </TileFace>
  );
}

/** What the model of one step makes of the image, or where it is wrong. */
export function StepTile({ image, view, done }: TileProps & { done: StepPrediction }) {
  const truth = useQuery(indexMapQuery(image.labels));
  const prediction = useQuery(indexMapQuery(done.prediction));
  const alt = `${view.mode} after step ${done.step} of ${image.source}`;
  return (
    <TileFace image={image} queries={[truth, prediction]}>
      {([labels, found]) =>
        view.mode === "errors" ? (
          <VerdictTile image={image} view={view} step={done.step} truth={labels} prediction={found} alt={alt} />
        ) : (
          <ClassTile image={image} view={view} map={found} alt={alt} />
        )
      }
    </TileFace>
  );
}

function ClassTile({ image, view, map, alt }: TileProps & { map: IndexMap; alt: string }) {
  const chosen = view.chosen?.id ?? null;
  const paint = useCallback(
    (pixels: Uint8ClampedArray) => paintClasses(pixels, map.ids, paletteFor(image, view.classes), image.ignore_id, chosen),
    [map, image, view.classes, chosen],
  );
  return <PixelCanvas width={map.width} height={map.height} alt={alt} paint={paint} />;
}

interface VerdictTileProps extends TileProps {
  step: number;
  truth: IndexMap;
  prediction: IndexMap;
  alt: string;
}

function VerdictTile({ image, view, step, truth, prediction, alt }: VerdictTileProps) {
  const chosen = view.chosen?.id ?? null;
  const paint = useCallback(
    (pixels: Uint8ClampedArray) => {
      const verdicts = verdictsOf(truth.ids, prediction.ids, idsAfter(image, view.classes, step), chosen);
      paintVerdicts(pixels, verdicts, truth.ids, truth.width, paletteFor(image, view.classes));
    },
    [truth, prediction, image, view.classes, step, chosen],
  );
  return <PixelCanvas width={truth.width} height={truth.height} alt={alt} paint={paint} />;
}

interface TileFaceProps {
  image: PredictedImage;
  queries: readonly UseQueryResult<IndexMap>[];
  children: (maps: readonly [IndexMap, IndexMap]) => React.ReactNode;
}

/** Grey while the pixels are read, a word where they cannot be. */
function TileFace({ image, queries, children }: TileFaceProps) {
  const [first, second = first] = queries.map((query) => query.data);
  if (first !== undefined && second !== undefined) {
    return children([first, second]);
  }
  return queries.some((query) => query.isError) ? (
    <Text size="xs" c="dimmed">
      cannot be read
    </Text>
  ) : (
    <Skeleton className="panel-picture" style={{ aspectRatio: `${image.width} / ${image.height}` }} aria-label="loading" />
  );
}

function paletteFor(image: PredictedImage, classes: readonly PredictionClass[]) {
  return paletteOf(
    classes.map((label) => [label.id, label.colour]),
    image.background_id,
  );
}
