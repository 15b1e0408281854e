import { Table, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";

import type { PredictedImage } from "../../../api/types";
import { TallTable } from "../../../components/tall-table";
import { useStepNamer } from "../steps/step-title";
import { useStepWord } from "../step-word";
import { KINDS } from "../../../components/predictions/kinds";
import { orderedImages, stepsOf } from "../../../components/predictions/panel-rows";
import type { PanelView } from "../../../components/predictions/panel-view";
import { TileCaption } from "../../../components/predictions/tile-face";

const COLUMN_PX = 132;
/** Images up to which no scroll bar of the grid stands inside that of the page. */
const WHOLE_IMAGES = 12;

interface PredictionGridProps {
  images: readonly PredictedImage[];
  view: PanelView;
  /** An image, as it was after a step, is to be shown large. */
  onOpen: (rank: number, step: number) => void;
}

/** One row an image; its picture, the ground truth, and one column for each step that is done. */
export function PredictionGrid({ images, view, onOpen }: PredictionGridProps) {
  const steps = stepsOf(images);
  const word = useStepWord();
  const nameOf = useStepNamer();
  return (
    <TallTable rows={images.length} minWidth={(steps.length + 2) * COLUMN_PX} wholeRows={WHOLE_IMAGES}>
      <Table className="prediction-grid" stickyHeader aria-label={`predictions by image and ${word}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">picture</Table.Th>
            <Table.Th scope="col">ground truth</Table.Th>
            {steps.map((step) => (
              <Table.Th key={step} scope="col">
                {nameOf(step)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {orderedImages(images, view.chosen?.id ?? null).map((image) => (
            <ImageRow key={image.rank} image={image} steps={steps} view={view} onOpen={onOpen} />
          ))}
        </Table.Tbody>
      </Table>
    </TallTable>
  );
}

type ImageRowProps = Omit<PredictionGridProps, "images"> & { image: PredictedImage; steps: readonly number[] };

function ImageRow({ image, steps, view, onOpen }: ImageRowProps) {
  const last = image.steps.at(-1)?.step ?? 0;
  const nameOf = useStepNamer();
  const kind = KINDS[image.kind];
  return (
    <Table.Tr>
      <Table.Td>
        <Tile caption={<TileCaption text={image.source} />} label={`${image.source}, large`} onOpen={() => onOpen(image.rank, last)}>
          <img src={image.picture} alt={image.source} loading="lazy" className="panel-picture pixels" />
        </Tile>
      </Table.Td>
      <Table.Td>
        <Tile
          caption={<TileCaption text={classNames(image, view)} />}
          label={`ground truth of ${image.source}, large`}
          onOpen={() => onOpen(image.rank, last)}
        >
          <kind.Truth image={image} view={view} />
        </Tile>
      </Table.Td>
      {steps.map((step) => {
        const done = image.steps.find((entry) => entry.step === step);
        return (
          <Table.Td key={step}>
            {done !== undefined && (
              <Tile
                caption={<kind.Caption image={image} view={view} done={done} />}
                label={`${nameOf(step)} of ${image.source}, large`}
                onOpen={() => onOpen(image.rank, step)}
              >
                <kind.Step image={image} view={view} done={done} />
              </Tile>
            )}
          </Table.Td>
        );
      })}
    </Table.Tr>
  );
}

interface TileProps {
  caption: ReactNode;
  label: string;
  onOpen: () => void;
  children: ReactNode;
}

function Tile({ caption, label, onOpen, children }: TileProps) {
  return (
    <UnstyledButton className="panel-tile" onClick={onOpen} aria-label={label}>
      {children}
      {caption}
    </UnstyledButton>
  );
}

function classNames(image: PredictedImage, view: PanelView): string {
  return image.classes.map((id) => view.classes.find((label) => label.id === id)?.name ?? `class ${id}`).join(", ");
}
