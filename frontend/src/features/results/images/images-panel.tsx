import { Button, Group, SegmentedControl, Select, Table, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";

import type { ComparedImages, Comparison } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { Panel } from "../../../components/panel";
import { KINDS } from "../../../components/predictions/kinds";
import { shownClasses } from "../../../components/predictions/panel-rows";
import { QueryFace } from "../../../components/query-face";
import { TallTable } from "../../../components/tall-table";
import { useAddressed, useSetAddress } from "../../../lib/address";
import { formatCount } from "../../../lib/format";
import { compareImagesQuery } from "./compared-images-query";
import { ComparedRow } from "./compared-row";
import { asPanels, stepsOfTables } from "./compared-panels";
import { WHOLE, type ZoomView, zoomedAt } from "./zoom-view";
import "../../../components/predictions/predictions.css";
import "./images-panel.css";

const COLUMN_PX = 212;
const CENTRE = { x: 0.5, y: 0.5 };

interface ImagesPanelProps {
  comparison: Comparison;
  runs: readonly string[];
  experiments: readonly string[];
}

/** The same test images as every member sees them; all pictures show the same part. */
export function ImagesPanel({ comparison, runs, experiments }: ImagesPanelProps) {
  const [params] = useSearchParams();
  const [domain, step] = [params.get("pictures"), params.get("after")];
  const asked = { runs, experiments, domain, step: step === null ? null : Number(step) };
  const query = useQuery({ ...compareImagesQuery(asked), placeholderData: keepPreviousData });
  return (
    <Panel
      title="Predictions"
      hint="the same test images as every member sees them, of an experiment its first seed; double-click or Ctrl and the wheel to zoom all pictures, drag to move"
    >
      <QueryFace query={query} height={260}>
        {(images) => <Images comparison={comparison} images={images} step={step} />}
      </QueryFace>
    </Panel>
  );
}

function Images({ comparison, images, step }: { comparison: Comparison; images: ComparedImages; step: string | null }) {
  const set = useSetAddress();
  const page = useMemo(() => asPanels(images, comparison.tables), [images, comparison.tables]);
  const kind = KINDS[images.items[0]?.kind ?? "dense"];
  const [mode, setMode] = useAddressed("shown", kind.modes[0], kind.modes);
  const [params] = useSearchParams();
  const chosen = page.classes.find(({ id }) => String(id) === params.get("class")) ?? null;
  const view = useMemo(() => ({ mode, chosen, classes: page.classes }), [mode, chosen, page.classes]);
  const [zoom, setZoom] = useState(WHOLE);
  const classes = shownClasses(page).map(({ id, name }) => ({ value: String(id), label: name }));
  return (
    <>
      <Group gap="sm" align="flex-end">
        <Select
          size="xs"
          label="after"
          data={[{ value: "", label: "the last step" }, ...stepsOfTables(comparison.tables).map((one) => ({ value: String(one), label: `step ${one}` }))]}
          value={step ?? ""}
          allowDeselect={false}
          onChange={(value) => set({ after: value === "" ? null : value })}
        />
        {images.domains.length > 1 && (
          <Select size="xs" label="domain" data={images.domains} value={images.domain} onChange={(pictures) => set({ pictures })} clearable searchable />
        )}
        {kind.modes.length > 1 && <SegmentedControl size="xs" data={[...kind.modes]} value={mode} onChange={setMode} aria-label="what is shown" />}
        {kind.hasClasses && (
          <Select
            size="xs"
            label="highlighted class"
            placeholder="all classes"
            data={classes}
            value={chosen === null ? null : String(chosen.id)}
            onChange={(value) => set({ class: value })}
            clearable
            searchable
          />
        )}
        <ZoomButtons zoom={zoom} onZoom={setZoom} />
      </Group>
      {images.items.length === 0 ? (
        <EmptyState title="No image that all of them have predicted">
          Choose another step, or compare runs whose setting eval.panel_images is not 0 and whose test images are cut alike.
        </EmptyState>
      ) : (
        <>
          <Group gap="xs" className="prediction-legend" aria-label="legend" role="group">
            <kind.Legend page={page} mode={mode} />
          </Group>
          <TallTable rows={images.items.length} minWidth={(images.labels.length + 2) * COLUMN_PX} wholeRows={8}>
            <Table className="prediction-grid compared-images" stickyHeader aria-label="predictions by image and member">
              <Table.Thead>
                <Table.Tr>
                  {["picture", "ground truth", ...images.labels].map((label, place) => (
                    <Table.Th key={place} scope="col">
                      <bdi>{label}</bdi>
                    </Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {page.items.map((image) => (
                  <ComparedRow key={image.source} image={image} view={view} zoom={zoom} onZoom={setZoom} />
                ))}
              </Table.Tbody>
            </Table>
          </TallTable>
        </>
      )}
      {images.left_out > 0 && (
        <Text size="xs" c="dimmed">
          {formatCount(images.left_out, "image")} left out: not every member has predicted the same pixels.
        </Text>
      )}
    </>
  );
}

function ZoomButtons({ zoom, onZoom }: { zoom: ZoomView; onZoom: (view: ZoomView) => void }) {
  return (
    <Group gap={4} role="group" aria-label="zoom of all pictures">
      <Button size="xs" variant="default" aria-label="enlarge all pictures" onClick={() => onZoom(zoomedAt(zoom, 2, CENTRE))}>
        +
      </Button>
      <Button size="xs" variant="default" aria-label="show more of all pictures" disabled={zoom.scale === 1} onClick={() => onZoom(zoomedAt(zoom, 0.5, CENTRE))}>
        −
      </Button>
      <Button size="xs" variant="default" disabled={zoom.scale === 1} onClick={() => onZoom(WHOLE)}>
        Whole pictures
      </Button>
    </Group>
  );
}
