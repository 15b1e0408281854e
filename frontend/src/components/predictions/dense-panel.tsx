import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import type { PredictedImage, PredictionClass } from "../../api/types";
import { ClassName } from "../class-name";
import { formatPercent } from "../../lib/format";
import type { IndexMap } from "../../lib/index-map";
import { paintClasses, paletteOf } from "../../lib/label-colours";
import { paintVerdicts } from "./painting";
import { idsAfter, shownClasses, tileValue } from "./panel-rows";
import type { LegendProps, StepTileProps, TileProps } from "./panel-view";
import { PixelCanvas } from "./pixel-canvas";
import { indexMapQuery } from "./index-map-query";
import { Pattern, TileCaption, TileFace } from "./tile-face";
import { verdictsOf } from "./verdicts";

/** The ground truth, in the colours of its classes. */
export function DenseTruth({ image, view }: TileProps) {
  const truth = useQuery(indexMapQuery(image.labels));
  return (
    <TileFace image={image} queries={[truth]}>
      {([labels]) => <ClassTile image={image} view={view} map={labels} alt={`ground truth of ${image.source}`} />}
    </TileFace>
  );
}

/** What the model of one step makes of the image, or where it is wrong. */
export function DenseStep({ image, view, done }: StepTileProps) {
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

/** The accuracy of the pixels, or the IoU of the chosen class. */
export function DenseCaption({ image, view, done }: StepTileProps) {
  return <TileCaption text={tileValue(image, done, view.chosen)} />;
}

export function DenseLegend({ page, mode }: LegendProps) {
  const hasBackground = page.items.some((image) => image.background_id !== null);
  return (
    <>
      {mode === "errors" && (
        <>
          <Pattern className="pattern-wrong" name="wrong" />
          <Pattern className="pattern-unlearnt" name="not learned yet" />
        </>
      )}
      {hasBackground && <ClassName name="background" colour="#000000" size="xs" />}
      {shownClasses(page).map((label) => (
        <ClassName key={label.id} name={label.name} colour={label.colour} size="xs" />
      ))}
    </>
  );
}

/** The scores of the picture. */
export function DenseDetails({ image, view, done }: StepTileProps) {
  return (
    <Group gap="md">
      <Text size="sm">{formatPercent(done.pixel_accuracy)} % of the pixels right</Text>
      {view.classes
        .filter((label) => image.classes.includes(label.id))
        .map((label) => (
          <Group key={label.id} gap={6}>
            <ClassName name={label.name} colour={label.colour} />
            <Text size="sm">{label.id in done.iou ? `IoU ${formatPercent(done.iou[label.id])}` : "not learned yet"}</Text>
          </Group>
        ))}
    </Group>
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

function paletteFor(image: PredictedImage, classes: readonly PredictionClass[]) {
  return paletteOf(
    classes.map((label) => [label.id, label.colour]),
    image.background_id,
  );
}
