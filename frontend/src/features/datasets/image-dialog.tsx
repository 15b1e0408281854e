import { Button, Group, Modal, Stack, Switch, Text } from "@mantine/core";

import type { DatasetDetail, DatasetImage } from "../../api/types";
import { ClassName } from "../../components/class-name";
import { KeyHint } from "../../components/key-hint";
import { useKeys } from "../../lib/keys";
import { at as placed } from "../../lib/place";
import type { ClassRow } from "./class-counts";
import { LargeLabel } from "./large-label";
import { PictureOrProblem } from "./picture-or-problem";
import type { ImagePlace, ImageView } from "./use-image-view";

interface ImageDialogProps {
  dataset: DatasetDetail;
  /** The images of the grid, through which the keys step. */
  images: readonly DatasetImage[];
  place: ImagePlace;
  view: ImageView;
  colours: ReadonlyMap<number, string>;
  rows: readonly ClassRow[];
  /** Fetches more images, once the last is reached; null where there are none. */
  onEnd: (() => void) | null;
}

/** One image as large as the window allows, with its label and classes. */
export function ImageDialog({ dataset, images, place, view, colours, rows, onEnd }: ImageDialogProps) {
  const at = images.findIndex((image) => image.split === place.split && image.index === place.index);
  const image = images[at];
  const address = placed(`/api/v1/datasets/${dataset.id}/images/${place.split}/${place.index}`);
  const go = (by: number) => {
    const next = images[at + by];
    if (next !== undefined) {
      view.open(next);
    }
    if (by > 0 && at + by >= images.length - 1) {
      onEnd?.();
    }
  };
  useKeys({ ArrowLeft: () => go(-1), ArrowRight: () => go(1) }, "dialog");
  return (
    <Modal
      opened
      onClose={() => view.open(null)}
      size="min(1400px, 96vw)"
      title={image === undefined ? `${place.split} ${place.index}` : image.id}
    >
      <Stack gap="sm">
        <span className="labelled-picture" data-large>
          <PictureOrProblem key={address} src={`${address}/picture?size=full`} alt={image?.id ?? place.split}>
            {view.hasLabels && (
              <LargeLabel
                src={`${address}/labels?size=full`}
                alt={`label of ${image?.id ?? place.split}`}
                colours={colours}
              />
            )}
          </PictureOrProblem>
        </span>
        <Group gap="md">{image !== undefined && <ImageClasses image={image} rows={rows} />}</Group>
        <Group justify="space-between">
          <Button variant="default" size="xs" disabled={at <= 0} onClick={() => go(-1)}>
            ← previous
          </Button>
          <Group gap="md">
            <Switch
              size="sm"
              label={
                <>
                  Labels
                  <KeyHint keys="L" />
                </>
              }
              checked={view.hasLabels}
              onChange={(event) => view.showLabels(event.currentTarget.checked)}
            />
            <Text size="xs" c="dimmed">
              {place.split} {place.index}
              {image?.width != null && `, ${image.width} × ${image.height ?? 0} px`}
            </Text>
          </Group>
          <Button variant="default" size="xs" disabled={at < 0 || at >= images.length - 1} onClick={() => go(1)}>
            next →
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function ImageClasses({ image, rows }: { image: DatasetImage; rows: readonly ClassRow[] }) {
  return image.classes.map((id) => {
    const row = rows.find((known) => known.id === id);
    return <ClassName key={id} name={row?.name ?? `${id}, not a class`} colour={row?.colour ?? "transparent"} size="xs" />;
  });
}
