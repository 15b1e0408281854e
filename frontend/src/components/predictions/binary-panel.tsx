import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import type { PredictedImage, PredictionClass } from "../../api/types";
import { ClassName } from "../class-name";
import { formatPercent } from "../../lib/format";
import type { IndexMap } from "../../lib/index-map";
import { channels } from "../../lib/palette";
import { Layers } from "./layers";
import { FOREGROUND, paintForeground, paintOutcomes } from "./mask-painting";
import type { LegendProps, StepTileProps, TileProps } from "./panel-view";
import { PixelCanvas } from "./pixel-canvas";
import { indexMapQuery } from "./index-map-query";
import { Pattern, TileCaption, TileFace } from "./tile-face";

const NAMELESS = { name: "foreground", colour: "#1e90ff" };

/** The true mask over the picture. */
export function BinaryTruth({ image, view }: TileProps) {
  const truth = useQuery(indexMapQuery(image.labels));
  return (
    <TileFace image={image} queries={[truth]}>
      {([mask]) => <MaskTile image={image} classes={view.classes} mask={mask} alt={`ground truth of ${image.source}`} />}
    </TileFace>
  );
}

/** The predicted mask over the picture, or where it is right and wrong. */
export function BinaryStep({ image, view, done }: StepTileProps) {
  const truth = useQuery(indexMapQuery(image.labels));
  const prediction = useQuery(indexMapQuery(done.prediction));
  const alt = `${view.mode} after step ${done.step} of ${image.source}`;
  return (
    <TileFace image={image} queries={[truth, prediction]}>
      {([there, found]) =>
        view.mode === "errors" ? (
          <OutcomeTile image={image} truth={there} prediction={found} alt={alt} />
        ) : (
          <MaskTile image={image} classes={view.classes} mask={found} alt={alt} />
        )
      }
    </TileFace>
  );
}

/** The IoU of the masks. */
export function BinaryCaption({ done }: StepTileProps) {
  return <TileCaption text={iouText(done.iou)} />;
}

export function BinaryLegend({ page, mode }: LegendProps) {
  return mode === "errors" ? (
    <>
      <Pattern className="pattern-hit" name="true positive" />
      <Pattern className="pattern-wrong" name="false positive" />
      <Pattern className="pattern-missed" name="false negative" />
    </>
  ) : (
    <ClassName {...foregroundOf(page.classes)} size="xs" />
  );
}

export function BinaryDetails({ done }: StepTileProps) {
  return (
    <Group gap="md">
      <Text size="sm">{iouText(done.iou)}</Text>
      <Text size="sm">{formatPercent(done.pixel_accuracy)} % of the pixels right</Text>
    </Group>
  );
}

interface MaskTileProps {
  image: PredictedImage;
  classes: readonly PredictionClass[];
  mask: IndexMap;
  alt: string;
}

function MaskTile({ image, classes, mask, alt }: MaskTileProps) {
  const { colour } = foregroundOf(classes);
  const paint = useCallback(
    (pixels: Uint8ClampedArray) => paintForeground(pixels, mask.ids, channels(colour)),
    [mask, colour],
  );
  return (
    <Layers image={image}>
      <PixelCanvas width={mask.width} height={mask.height} alt={alt} paint={paint} />
    </Layers>
  );
}

interface OutcomeTileProps {
  image: PredictedImage;
  truth: IndexMap;
  prediction: IndexMap;
  alt: string;
}

function OutcomeTile({ image, truth, prediction, alt }: OutcomeTileProps) {
  const paint = useCallback(
    (pixels: Uint8ClampedArray) => paintOutcomes(pixels, truth.ids, prediction.ids, truth.width),
    [truth, prediction],
  );
  return (
    <Layers image={image}>
      <PixelCanvas width={truth.width} height={truth.height} alt={alt} paint={paint} />
    </Layers>
  );
}

function foregroundOf(classes: readonly PredictionClass[]): { name: string; colour: string } {
  const { name, colour } = classes.find(({ id }) => id === FOREGROUND) ?? NAMELESS;
  return { name, colour };
}

function iouText(iou: Readonly<Record<number, number>>): string {
  return FOREGROUND in iou ? `IoU ${formatPercent(iou[FOREGROUND])}` : "nothing there, nothing found";
}
