import { Anchor, Group, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { useSearchParams } from "react-router";

import { useMayResearch } from "../../../api/session";
import type { QueryDetail, StageDetail } from "../../../api/types";
import { LayerSwitch, type LayerView, UncertaintyLegend } from "../queries/layer-switch";
import { hasDisagreement, type QueryLayer, QueryPicture } from "../queries/query-picture";
import { formatCount, formatNumber, formatValue } from "../../../lib/format";
import { useSetAddress } from "../../../lib/address";
import { paletteOf } from "../../../lib/label-colours";
import { useAuthor } from "../author/use-author";
import { CommentForm } from "../comments/comment-form";
import { queryCommentsQuery } from "../comments/comment-queries";
import { CommentText } from "../comments/comment-text";
import { QueryTrail } from "../review/query-trail";
import { AnswerBar } from "./answer-bar";
import { ClassLegend } from "./class-legend";

const ZOOMS = [1, 2, 4, 8];
const LAYERS: readonly string[] = ["picture", "proposal", "uncertainty", "answer", "disagreement"];

interface QueryViewProps {
  query: QueryDetail;
  stage: StageDetail;
  teacherScore: string | null;
  onShow: (id: string | null) => void;
  onNext: (id: string, isAnswer: boolean) => void;
}

/** One query large, with its layers, its classes, and what can be done about it. */
export function QueryView({ query, ...rest }: QueryViewProps) {
  return (
    <Stack gap="sm" component="section" aria-label="query">
      <Group justify="space-between" align="baseline" gap="xs">
        <Title order={2} size="h5" className="break-words">
          {query.rank} · {query.image}
        </Title>
        <Text size="xs" c="dimmed">
          {query.width} × {query.height} px, {formatCount(query.pixels, "queried pixel")}
          {query.region_url !== null && ` in ${formatCount(query.clicks, "place")}`}, value {formatValue(query.value)}
          {query.group !== "" && `, ${query.group}`}
        </Text>
      </Group>
      <AnswerBar query={query} {...rest} />
      <Picture query={query} />
      <ClassLegend classes={query.classes} ignoreId={query.ignore_id} />
      <Text size="xs" c="dimmed">
        A mask to upload is an 8-bit PNG of {formatNumber(query.width)} × {formatNumber(query.height)} px whose values are the ids above
        {query.region_url !== null && `, and ${query.ignore_id} outside of the queried pixels`}.
      </Text>
      <Downloads query={query} />
      <About query={query} />
    </Stack>
  );
}

/** What people said about it, and, for researchers, what happened to it. */
function About({ query }: { query: QueryDetail }) {
  const { author } = useAuthor();
  const mayResearch = useMayResearch();
  const comments = useQuery(queryCommentsQuery(query.id, author)).data?.items ?? [];
  return (
    <>
      <details>
        <Text component="summary" size="sm">
          Comments ({comments.length})
        </Text>
        <Stack gap="xs" maw={640} pt="xs">
          {comments.map((comment) => (
            <CommentText key={comment.id} comment={comment} />
          ))}
          <CommentForm queryId={query.id} point={null} />
        </Stack>
      </details>
      {mayResearch && (
        <Lazy title="What happened to it">
          <QueryTrail queryId={query.id} />
        </Lazy>
      )}
    </>
  );
}

/** Something that is drawn once it is opened. */
function Lazy({ title, children }: { title: string; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <Text component="summary" size="sm">
        {title}
      </Text>
      {isOpen && children}
    </details>
  );
}

/** What somebody needs to paint a mask elsewhere, under the image's own name. */
function Downloads({ query }: { query: QueryDetail }) {
  const name = query.image.replaceAll("/", "_");
  const files = [
    { title: "picture", address: query.picture_url, name: `${name}.jpg` },
    { title: "teacher's proposal", address: query.proposal_url, name: `${name}.png` },
    ...(query.region_url === null ? [] : [{ title: "queried pixels", address: query.region_url, name: `${name}.queried.png` }]),
  ];
  return (
    <Group gap="sm" role="group" aria-label="downloads">
      {files.map((file) => (
        <Anchor key={file.title} href={file.address} download={file.name} size="xs">
          Download {file.title}
        </Anchor>
      ))}
    </Group>
  );
}

function Picture({ query }: { query: QueryDetail }) {
  const [params] = useSearchParams();
  const set = useSetAddress();
  const [percent, setPercent] = useState(55);
  const [zoom, setZoom] = useState(1);
  const palette = useMemo(() => paletteOf(query.classes.map((label) => [label.id, label.colour]), null), [query.classes]);
  const layer = params.get("layer") ?? "proposal";
  const view: LayerView = {
    layer: LAYERS.includes(layer) ? (layer as QueryLayer) : "proposal",
    hasRegion: params.get("region") !== "off",
  };
  const change = ({ layer: chosen, hasRegion }: Partial<LayerView>) =>
    set({ layer: chosen, region: hasRegion === undefined ? undefined : hasRegion ? null : "off" });
  return (
    <>
      <Group justify="space-between" gap="sm">
        <LayerSwitch
          view={view}
          onChange={change}
          opacity={{ percent, onChange: setPercent }}
          isRegional={query.region_url !== null}
          isDisputed={hasDisagreement(query)}
        />
        <SegmentedControl
          size="xs"
          data={ZOOMS.map((step) => ({ value: String(step), label: step === 1 ? "fit" : `${step} × fit` }))}
          value={String(zoom)}
          onChange={(step) => setZoom(Number(step))}
          aria-label="zoom"
        />
      </Group>
      {/* Reached by the keyboard, so that the arrow keys scroll it. */}
      <div className="zoom-box" tabIndex={0} role="group" aria-label="picture of the query">
        <div className="zoomed" style={{ width: `${100 * zoom}%`, maxWidth: `calc(${zoom} * (100dvh - 350px) * ${query.width / query.height})` }}>
          <QueryPicture
            query={query}
            layer={view.layer}
            palette={palette}
            ignoreId={query.ignore_id}
            opacity={percent / 100}
            hasRegion={view.hasRegion}
          />
        </div>
      </div>
      {view.layer === "uncertainty" && <UncertaintyLegend />}
    </>
  );
}
