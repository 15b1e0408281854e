import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import type { PanelObject, PanelObjects, PredictedImage } from "../../api/types";
import { ClassName } from "../class-name";
import { channels } from "../../lib/palette";
import { maskPixels } from "../../lib/run-lengths";
import { Layers } from "./layers";
import { paintObject } from "./mask-painting";
import { colourOfObject, countText, fromLargest, labelOf, objectsQuery } from "./panel-objects";
import { shownClasses } from "./panel-rows";
import type { LegendProps, PanelView, StepTileProps, TileProps } from "./panel-view";
import { PixelCanvas } from "./pixel-canvas";
import { Pattern, TileCaption, TileFace } from "./tile-face";

const OPAQUE = 255;
const FADED = 60;
/** Heights of a letter across a picture. */
const LETTERS_ACROSS = 24;

/** The objects that lie in the picture. */
export function InstanceTruth({ image, view }: TileProps) {
  const truth = useQuery(objectsQuery(image.labels));
  return (
    <TileFace image={image} queries={[truth]}>
      {([there]) => <ObjectTile image={image} view={view} found={there} alt={`ground truth of ${image.source}`} />}
    </TileFace>
  );
}

/** The objects that the model of one step finds. */
export function InstanceStep({ image, view, done }: StepTileProps) {
  const prediction = useQuery(objectsQuery(done.prediction));
  const alt = `prediction after step ${done.step} of ${image.source}`;
  return (
    <TileFace image={image} queries={[prediction]}>
      {([found]) => <ObjectTile image={image} view={view} found={found} alt={alt} />}
    </TileFace>
  );
}

/** How many objects were found. */
export function InstanceCaption({ done }: StepTileProps) {
  const { data } = useQuery(objectsQuery(done.prediction));
  return <TileCaption text={data === undefined ? "" : countText(data.objects)} />;
}

export function InstanceLegend({ page }: LegendProps) {
  return (
    <>
      <Pattern className="pattern-unknown" name="unknown" />
      {shownClasses(page).map((label) => (
        <ClassName key={label.id} name={label.name} colour={label.colour} size="xs" />
      ))}
    </>
  );
}

/** Every object that was found, by its class and score. */
export function InstanceDetails({ view, done }: StepTileProps) {
  const { data } = useQuery(objectsQuery(done.prediction));
  return (
    <Group gap="md" role="group" aria-label="objects that were found">
      {data?.objects.map((object, index) => (
        <ClassName key={index} name={labelOf(object, view.classes)} colour={colourOfObject(object, view.classes)} />
      ))}
    </Group>
  );
}

interface ObjectTileProps {
  image: PredictedImage;
  view: PanelView;
  found: PanelObjects;
  alt: string;
}

function ObjectTile({ image, view, found, alt }: ObjectTileProps) {
  const { chosen, classes } = view;
  const paint = useCallback(
    (pixels: Uint8ClampedArray) =>
      fromLargest(found.objects).forEach((object) => {
        const opacity = isFaded(object, chosen?.id) ? FADED : OPAQUE;
        paintObject(pixels, maskPixels(object.mask), found.width, channels(colourOfObject(object, classes)), opacity);
      }),
    [found, chosen, classes],
  );
  return (
    <Layers image={image}>
      <PixelCanvas width={found.width} height={found.height} alt={alt} paint={paint} />
      <Boxes view={view} found={found} />
    </Layers>
  );
}

/** Boxes over a picture; those of unknown objects are dashed. Names are drawn where the picture is large enough. */
function Boxes({ view, found }: { view: PanelView; found: PanelObjects }) {
  const letter = found.width / LETTERS_ACROSS;
  return (
    <svg viewBox={`0 0 ${found.width} ${found.height}`} className="panel-boxes" aria-hidden="true">
      {fromLargest(found.objects).map((object, index) => {
        const [x0, y0, x1, y1] = object.box;
        return (
          <g key={index} opacity={isFaded(object, view.chosen?.id) ? FADED / OPAQUE : 1}>
            <rect
              x={x0}
              y={y0}
              width={x1 - x0}
              height={y1 - y0}
              stroke={colourOfObject(object, view.classes)}
              className={object.is_unknown ? "panel-box-unknown" : undefined}
            />
            <text x={x0} y={Math.max(y0, letter)} fontSize={letter}>
              {labelOf(object, view.classes)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

function isFaded(object: PanelObject, chosen: number | undefined): boolean {
  return chosen !== undefined && object.class_id !== chosen;
}
