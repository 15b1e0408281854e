import { Button, Group, Select, Skeleton, Switch } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import type { DatasetDetail } from "../../api/types";
import { EmptyState } from "../../components/empty-state";
import { KeyHint } from "../../components/key-hint";
import { Panel } from "../../components/panel";
import { Problem } from "../../components/problem";
import { formatCount } from "../../lib/format";
import { useKeys } from "../../lib/keys";
import { classRows } from "./class-counts";
import { imagesQuery } from "./dataset-queries";
import { ImageDialog } from "./image-dialog";
import { ImageTile } from "./image-tile";
import { type ImageView, useImageView } from "./use-image-view";

/** The images with their labels, by split and class. */
export function ImageBrowser({ dataset }: { dataset: DatasetDetail }) {
  const view = useImageView();
  useKeys({ l: () => view.showLabels(!view.hasLabels) }, "dialog");
  const query = useInfiniteQuery(imagesQuery(dataset.id, dataset.digest, view));
  const images = query.data?.pages.flatMap((page) => page.items) ?? [];
  const rows = useMemo(() => classRows(dataset), [dataset]);
  const colours = useMemo(() => new Map(rows.flatMap((row) => (row.colour === null ? [] : [[row.id, row.colour]]))), [rows]);
  const total = query.data?.pages[0]?.total;
  return (
    <Panel
      title="Images"
      hint={total === undefined ? "" : `${formatCount(total, "image")}${images.length < total ? `, ${images.length} shown` : ""}`}
      actions={<ImageFilters dataset={dataset} view={view} />}
    >
      {query.isPending && <Skeleton height={240} aria-busy="true" aria-label="loading" />}
      {query.error !== null && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {total === 0 && <EmptyState title="No image matches">Choose another class or split.</EmptyState>}
      <div className="dataset-grid">
        {images.map((image) => (
          <ImageTile
            key={`${image.split} ${image.index}`}
            image={image}
            colours={view.hasLabels ? colours : null}
            onOpen={() => view.open(image)}
          />
        ))}
      </div>
      {query.hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        </Group>
      )}
      {view.opened !== null && (
        <ImageDialog
          dataset={dataset}
          images={images}
          place={view.opened}
          view={view}
          colours={colours}
          rows={rows}
          onEnd={query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : null}
        />
      )}
    </Panel>
  );
}

function ImageFilters({ dataset, view }: { dataset: DatasetDetail; view: ImageView }) {
  return (
    <Group gap="sm" align="center">
      <Select
        aria-label="split"
        size="xs"
        w={140}
        placeholder="all splits"
        clearable
        data={dataset.splits.map((split) => split.name)}
        value={view.split}
        onChange={(split) => view.filter({ split, classId: view.classId })}
      />
      <Select
        aria-label="only images with this class"
        size="xs"
        w={170}
        placeholder="all classes"
        clearable
        searchable
        data={classRows(dataset).map((row) => ({ value: String(row.id), label: row.name }))}
        value={view.classId === null ? null : String(view.classId)}
        onChange={(id) => view.filter({ split: view.split, classId: id === null ? null : Number(id) })}
      />
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
    </Group>
  );
}
